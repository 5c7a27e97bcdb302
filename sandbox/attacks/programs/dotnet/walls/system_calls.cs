static class Program
{
    static void Main()
    {
        // Numbers of x86_64.
        Attempts.Call("ptrace", 101, 16, 1);
        Attempts.Call("process_vm_readv", 310, 1);
        Attempts.Call("unshare user", 272, 0x10000000);
        Attempts.Call("unshare mount", 272, 0x00020000);
        Attempts.Call("clone new user", 56, 0x10000000 | 17);
        Attempts.Call("mount", 165);
        Attempts.Call("umount2", 166);
        Attempts.Call("pivot_root", 155);
        Attempts.Call("chroot", 161);
        Attempts.Call("setns", 308, 0, 0);
        Attempts.Call("setuid", 105, 0);
        Attempts.Call("setgid", 106, 0);
        Attempts.Call("bpf", 321);
        Attempts.Call("perf_event_open", 298);
        Attempts.Call("userfaultfd", 323);
        Attempts.Call("io_uring_setup", 425, 8);
        Attempts.Call("keyctl", 250, 0);
        Attempts.Call("init_module", 175);
        Attempts.Call("kexec_load", 246);
        Attempts.Call("reboot", 169);
        Attempts.Call("sethostname", 170);
        Attempts.Call("open_by_handle_at", 304);
        Attempts.Call("personality", 135, 0x0040000);
        Attempts.Call("netlink socket", 41, 16, 3, 0);
        Attempts.Call("vsock socket", 41, 40, 1, 0);
        Attempts.Call("prlimit of the supervisor", 302, 1, 7);
        Attempts.Report();
    }
}
