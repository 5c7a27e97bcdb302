using System.Net;
using System.Net.Sockets;
using System.Text.Json;

static class Program
{
    static void Main()
    {
        int port = Attempts.Bait.GetProperty("port").GetInt32();
        foreach (string host in new[] { "127.0.0.1", "172.17.0.1", "1.1.1.1", "169.254.169.254", "localhost", "example.com" })
        {
            Attempts.Connect(host, port);
        }
        foreach (JsonElement address in Attempts.Bait.GetProperty("addresses").EnumerateArray())
        {
            Attempts.Connect(address.GetString(), port);
        }
        Attempts.Tried("dns", () => Dns.GetHostAddresses("example.com")[0]);
        Attempts.Tried("udp", () =>
        {
            using var socket = new UdpClient("9.9.9.9", 53);
            return socket.Send(new byte[] { 1 }, 1);
        });
        Attempts.Tried("raw", () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp));
        Attempts.Tried("packet", () => new Socket((AddressFamily)17, SocketType.Raw, 0));
        Attempts.Tried("abstract", () =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, 0);
            socket.Connect(new UnixDomainSocketEndPoint("\0" + Attempts.Bait.GetProperty("abstract").GetString()));
            return "connected";
        });
        Attempts.Report();
    }
}
