import attempts

PATHS = ("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/sudoers", "/etc/ssh/ssh_host_rsa_key")
PATHS += ("/etc/ssh/ssh_host_ed25519_key", "/etc/krb5.keytab", "/var/lib/docker", "/var/lib/shadow")
for path in PATHS:
    attempts.opened(path)
attempts.report()
