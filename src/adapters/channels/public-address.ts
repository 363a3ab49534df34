import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AddressNotPublicError } from './http-classification.js';
import type { AddressGuard } from './http-sender.js';

/** IPv4 that is not somebody's public address (RFC 6890 and the registries after it). */
const NOT_PUBLIC_IPV4 = [
  ['0.0.0.0', 8], // this network; 0.0.0.0 connects to this very machine
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT; some clouds' metadata
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local; most clouds' metadata
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments; one cloud's metadata
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
] as const;

/** Of IPv6 only this is given out for public use, so loopback, link-local, unique-local and the rest are outside. */
const GLOBAL_UNICAST = ['2000::', 3] as const;

/** What is inside it and yet is no public address, or hides an IPv4 one. */
const NOT_PUBLIC_IPV6 = [
  ['2001::', 23], // protocol assignments, Teredo
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['3fff::', 20], // documentation
] as const;

/** The prefix under which networks without IPv4 reach it (NAT64): as public as the address behind it. */
const NAT64 = '64:ff9b::';

const refused = new BlockList();
const routed = new BlockList();
for (const [net, prefix] of NOT_PUBLIC_IPV4) {
  refused.addSubnet(net, prefix, 'ipv4'); // Matches IPv4-mapped IPv6 (::ffff:10.0.0.1) as well.
  refused.addSubnet(`${NAT64}${net}`, 96 + prefix, 'ipv6');
}
for (const [net, prefix] of NOT_PUBLIC_IPV6) refused.addSubnet(net, prefix, 'ipv6');
routed.addSubnet('0.0.0.0', 0, 'ipv4');
routed.addSubnet(...GLOBAL_UNICAST, 'ipv6');
routed.addSubnet(NAT64, 96, 'ipv6');

/** Whether an IP address is on the public internet. What is no IP address is not. */
export function isPublicAddress(ip: string): boolean {
  const version = isIP(ip);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return routed.check(ip, family) && !refused.check(ip, family);
}

/** Fails a name of which one address is not public: a mix of both is how a name is smuggled past a check. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) {
      callback(error, '', 0);
      return;
    }
    const [first] = addresses;
    if (!first || !addresses.every(({ address }) => isPublicAddress(address))) {
      callback(new AddressNotPublicError(), '', 0);
    } else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** Only the public internet (SEC-5): what a webhook's owner names must not reach into the network that we run in. */
export const publicAddresses: AddressGuard = { permits: isPublicAddress, lookup: publicLookup };
