using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Nexus.Box
{
    /// What the supervisor wants done, as it stood on descriptor 3.
    internal sealed class Orders
    {
        private const int Descriptor = 3;
        private const int LengthDigits = 12;
        private const string Work = "/work/";

        internal string Kind = "";
        internal string Entry = "";
        internal List<string> Select = new List<string>();
        internal Dictionary<string, string> Canaries = new Dictionary<string, string>();

        /// Text of protected files by path below the work folder; they are never read from disk.
        internal Dictionary<string, string> Pristine = new Dictionary<string, string>();

        internal static Orders Read(out FrameWriter writer)
        {
            byte[] block = ReadBlock();
            byte[] key = Key(block);
            writer = new FrameWriter(key);
            Array.Clear(key, 0, key.Length);
            var orders = new Orders();
            using (JsonDocument document = JsonDocument.Parse(block))
            {
                JsonElement root = document.RootElement;
                orders.Kind = Text(root, "kind");
                orders.Entry = Text(root, "entry");
                foreach (JsonElement name in root.GetProperty("select").EnumerateArray())
                {
                    orders.Select.Add(name.GetString() ?? "");
                }
                Fill(orders.Canaries, root.GetProperty("canaries"));
                foreach (JsonProperty file in root.GetProperty("pristine").EnumerateObject())
                {
                    orders.Pristine[Below(file.Name)] = Decoded(file.Value);
                }
            }
            Array.Clear(block, 0, block.Length);
            return orders;
        }

        internal static string Below(string path) =>
            path.StartsWith(Work, StringComparison.Ordinal) ? path.Substring(Work.Length) : path;

        private static void Fill(Dictionary<string, string> target, JsonElement source)
        {
            foreach (JsonProperty pair in source.EnumerateObject())
            {
                target[pair.Name] = pair.Value.GetString() ?? "";
            }
        }

        private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? "";

        private static string Decoded(JsonElement value)
        {
            try
            {
                return value.GetString() ?? "";
            }
            catch (InvalidOperationException)
            {
                // Bytes that are not UTF-8 come as lone surrogates, which no string of .NET's JSON may hold.
                return "#error This file is not valid UTF-8.";
            }
        }

        private static byte[] ReadBlock()
        {
            using var stream = new FileStream(new SafeFileHandle((IntPtr)Descriptor, true), FileAccess.Read, 1);
            byte[] digits = ReadExactly(stream, LengthDigits);
            return ReadExactly(stream, int.Parse(Encoding.ASCII.GetString(digits)));
        }

        private static byte[] ReadExactly(Stream stream, int size)
        {
            var data = new byte[size];
            for (int have = 0; have < size;)
            {
                int got = stream.Read(data, have, size - have);
                if (got == 0)
                {
                    throw new EndOfStreamException("the orders ended early");
                }
                have += got;
            }
            return data;
        }

        /// The key, never as a string: those cannot be erased.
        private static byte[] Key(byte[] block)
        {
            var reader = new Utf8JsonReader(block);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("key"))
                {
                    reader.Read();
                    var key = new byte[reader.ValueSpan.Length / 2];
                    for (int i = 0; i < key.Length; i++)
                    {
                        key[i] = (byte)(Digit(reader.ValueSpan[2 * i]) << 4 | Digit(reader.ValueSpan[2 * i + 1]));
                    }
                    return key;
                }
            }
            throw new InvalidDataException("the orders hold no key");
        }

        private static int Digit(byte letter) => letter <= '9' ? letter - '0' : letter - 'a' + 10;
    }
}
