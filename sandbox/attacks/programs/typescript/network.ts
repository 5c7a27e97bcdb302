// @ts-nocheck
import dgram from "node:dgram";
import dns from "node:dns/promises";
import { readFileSync } from "node:fs";
import net from "node:net";
import { attempts } from "./attempts";

const bait = JSON.parse(readFileSync("bait.json", "utf8"));
const connect = (to) => () =>
  new Promise((yes, no) => net.connect(to).once("connect", () => yes("connected")).once("error", no));
const ask = (host, port) => () =>
  new Promise((yes, no) => {
    const socket = dgram.createSocket("udp4").once("message", () => yes("answered")).once("error", no);
    socket.send("x", port, host, (problem) => problem && no(problem));
  });

await attempts({
  tcp: connect({ host: "1.1.1.1", port: 53 }),
  tcp6: connect({ host: "2606:4700:4700::1111", port: 53 }),
  udp: ask("1.1.1.1", 53),
  metadata: connect({ host: "169.254.169.254", port: 80 }),
  gateway: connect({ host: "172.17.0.1", port: 22 }),
  names: () => dns.lookup("example.com"),
  servers: () => new dns.Resolver().resolve4("example.com"),
  fetch: () => fetch("http://93.184.216.34/"),
  engine: connect({ path: "/var/run/docker.sock" }),
  loopback: connect({ host: "127.0.0.1", port: bait.port }),
  abstract: connect({ path: `\0${bait.abstract}` }),
  ...Object.fromEntries(bait.addresses.map((host) => [host, connect({ host, port: bait.port })])),
});
