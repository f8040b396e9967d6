/** The most that Kubernetes takes in a pod's dnsConfig (MaxDNSNameservers, MaxDNSSearchPaths). */
export const mostNameservers = 3;
export const mostSearches = 32;
