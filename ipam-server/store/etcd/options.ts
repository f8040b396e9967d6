import { Option } from 'commander';

/** The flags of the etcd store, as every command that may reach etcd takes them; read by `etcdPlace`. */
export function etcdOptions(): Option[] {
  return [
    new Option('--etcd-ca <file>', 'who signs etcd’s certificates (PEM); default: the system’s'),
    new Option('--etcd-cert <file>', 'certificate shown to etcd (PEM)'),
    new Option('--etcd-key <file>', 'its private key (PEM)'),
    new Option('--etcd-prefix <prefix>', 'what all of the ledger’s keys begin with (default: "/realip/")'),
    new Option('--etcd-user <name>', 'etcd’s user'),
    new Option('--etcd-password-file <file>', 'his password'),
  ];
}
