"""The stories of fork, COW and GUP: what each model finds on which kernel."""

from __future__ import annotations

EXPECTED: dict[str, tuple[tuple[str, str, int, int, str], ...]] = {
    # CVE-2020-29374: 17839856fd58 (v5.8) breaks COW in GUP, 09854ba94c6a (v5.9-rc4) counts pages; with swap 53a05ad9f21d (v5.18)
    "vmsplice_fork": (
        ("v4.19", "", 116, 203, "fork_isolation_cpu@15"),
        ("v5.8", "", 230, 409, ""),
        ("v5.9-rc4", "", 114, 200, ""),
        ("v6.18", "", 114, 200, ""),
        ("v4.19", "by=parent", 64, 99, "fork_isolation_cpu@15"),
        ("v5.8", "by=parent", 64, 99, "fork_isolation_cpu@15"),
        ("v6.18+fork=plain+reuse=mapcount_unshare", "", 250, 449, ""),
        ("v6.18+fork=plain+reuse=mapcount_unshare", "by=parent", 64, 99, "fork_isolation_cpu@15"),
        ("v5.17", "swapped=on", 6989, 15153, "fork_isolation_cpu@23"),
        ("v5.18", "swapped=on", 6969, 15123, ""),
    ),
    # 57efa1fe5957 (v5.11, v5.10.7)
    "gup_fast_fork": (
        ("v5.10", "", 549, 760, "pinned_page_stays@15 fork_isolation_dma@9 no_lost_dma@18"),
        ("v5.11", "", 382, 518, ""),
        ("v5.11+gup_fast_seq_recheck=off", "", 558, 774, "pinned_page_stays@16 fork_isolation_dma@10 no_lost_dma@19"),
        ("v5.11+gup_fast_refuses_odd=off", "", 611, 861, "pinned_page_stays@17 fork_isolation_dma@11 no_lost_dma@20"),
        ("v5.11+gup_fast_pins_first=off", "", 570, 794, "pinned_page_stays@18 fork_isolation_dma@12 no_lost_dma@21"),
        ("v5.10+fork_wrprotect_first=on", "", 365, 495, ""),
        ("v6.18+fork=vm_nocow", "", 173, 237, ""),
        ("v6.18", "gup=get", 396, 574, "pinned_page_stays@15 fork_isolation_dma@9 no_lost_dma@18"),
    ),
    # 09854ba94c6a (v5.9-rc4) until 70e806e4e645 (v5.9); read pins until a7f226604170 (v5.19)
    "pin_cow_reuse": (
        ("v4.19", "", 176, 258, "fork_isolation_dma@7"),
        ("v5.9-rc4", "", 367, 540, "pinned_page_stays@15 fork_isolation_dma@7 no_lost_dma@18"),
        ("v5.9", "", 246, 377, ""),
        ("v5.9-rc4", "madv_dontfork=on", 111, 151, ""),
        ("v6.18", "gup=get", 367, 540, "pinned_page_stays@15 fork_isolation_dma@7 no_lost_dma@18"),
        ("v5.18", "access=read pin=after_fork child=stays", 120, 238, "pinned_page_stays_read@12 no_lost_cpu_write@15"),
        ("v5.19", "access=read pin=after_fork child=stays", 108, 206, ""),
    ),
    # FOLL_PIN in block direct I/O: 1ccf164ec866 (v6.5); in FUSE: 738adade96b2 (v6.9)
    "odirect_fork": (
        ("v5.10", "", 1140, 2653, "fork_content@11 fork_isolation_dma@9 no_lost_dma@16 pinned_page_stays@14"),
        ("v6.5", "", 1207, 2766, ""),
        ("v6.18", "", 1207, 2766, ""),
        ("v6.8", "file=fuse", 1140, 2653, "fork_content@11 fork_isolation_dma@9 no_lost_dma@16 pinned_page_stays@14"),
        ("v6.9", "file=fuse", 1207, 2766, ""),
        ("v6.4", "call=write", 1777, 4302, "pinned_page_stays_read@15"),
    ),
    # MADV_DONTFORK left out: 6cc9e215eb27 (v5.13)
    "partial_dontfork": (
        ("v4.19", "", 62, 104, "child_usable@7"),
        ("v5.13", "", 214, 380, ""),
        ("v6.18", "", 214, 380, ""),
        (
            "v4.19",
            "madvise=none",
            2040,
            4427,
            "fork_content@9 fork_isolation_dma@7 no_lost_dma@14 pinned_page_stays@12",
        ),
        ("v4.19", "madvise=wipeonfork", 164, 314, "fork_content@7"),
    ),
    # 6c287605fd56 (v5.19); clear_refs and FOLL_PIN: 9348b73c2e1b (v5.11)
    "mprotect_pin": (
        ("v5.8", "", 52, 84, ""),
        ("v5.17", "", 108, 170, "pinned_page_stays@19 no_lost_dma@21"),
        ("v5.19", "", 54, 86, ""),
        ("v5.10", "by=clear_refs", 291, 515, "pinned_page_stays@13 no_lost_dma@15"),
        ("v5.11", "by=clear_refs", 249, 446, ""),
        ("v5.19", "by=clear_refs gup=get", 90, 158, ""),
    ),
    # 19be0eaffa3a (v4.8.3); CVE-2022-2590: 9ae0f87d009c (v5.16) until 5535be309971 (v6.0)
    "dirty_cow": (
        ("v4.15+foll_force=drops_foll_write", "", 229, 394, "ro_file_integrity@14 no_dirty_without_mkwrite@14"),
        ("v4.19", "", 218, 383, ""),
        ("v5.15", "then=uffd_continue", 322, 585, ""),
        ("v5.16", "then=uffd_continue", 321, 581, "ro_file_integrity@14"),
        ("v6.0", "then=uffd_continue", 227, 401, ""),
    ),
    # 29a951dfb3c3 (v5.11) and 912efa17e512 (v5.12), 6ce64428d620 (v5.12), 20841405940e (v4.14), fb49c455323f (v6.4.3),
    # eb66ae030829 (v4.19), 60bae7370896 (v6.0), 3ea277194daa (v4.13)
    "tlb_flush_cow": (
        ("v5.10", "", 650, 1165, "no_lost_cpu_write@13 stored_is_somewhere@13 tlb_flushed_before_reuse@10"),
        ("v5.11", "", 461, 800, "no_lost_cpu_write@14 stored_is_somewhere@14 tlb_flushed_before_reuse@11"),
        ("v5.11.3", "", 377, 680, ""),
        ("v5.11", "by=uffd_wp", 590, 1021, "no_lost_cpu_write@13 stored_is_somewhere@13 tlb_flushed_before_reuse@10"),
        ("v5.12", "by=uffd_wp", 590, 1179, ""),
        (
            "v4.19+flush_pending=off",
            "by=numa referenced=off",
            443,
            711,
            "no_lost_cpu_write@7 stored_is_somewhere@8 tlb_flushed_before_reuse@5",
        ),
        ("v4.19", "by=numa referenced=off", 419, 813, ""),
        ("v6.4", "by=fork", 747, 1258, "no_lost_cpu_write@14 stored_is_somewhere@14 tlb_flushed_before_reuse@11"),
        ("v6.4.3", "by=fork", 507, 887, ""),
        ("v4.18", "by=mremap", 286, 506, "no_lost_cpu_write@9 stored_is_somewhere@9 tlb_flushed_before_reuse@7"),
        ("v4.19", "by=mremap", 174, 330, ""),
        ("v5.19", "by=migrate_vma", 733, 1494, "no_lost_cpu_write@9 stored_is_somewhere@6"),
        ("v6.0", "by=migrate_vma", 553, 1145, ""),
        ("v4.15+flush_batched_pending=off", "by=reclaim", 2353, 4972, "no_lost_cpu_write@11 stored_is_somewhere@8"),
        ("v4.15", "by=reclaim", 2158, 4556, ""),
        ("v6.18+flush_batched_pending=off", "by=reclaim", 2369, 4988, "no_lost_cpu_write@11 stored_is_somewhere@8"),
        ("v6.18", "by=reclaim", 2390, 5132, ""),
        ("v6.18", "", 124, 222, ""),
    ),
    # 6ce64428d620 (v5.12)
    "uffd_wp_race": (
        ("v5.11", "", 389, 655, "no_lost_cpu_write@13 stored_is_somewhere@13 tlb_flushed_before_reuse@10"),
        ("v5.11", "monitor=protects", 901, 1917, ""),
        ("v5.12", "", 382, 718, ""),
        ("v5.17", "", 382, 718, ""),
        ("v5.11", "referenced=off", 53, 84, ""),
    ),
    # feb889fb40fa (v5.11) leaves a race; 1493a1913e34 (v5.19)
    "swap_pin": (
        ("v5.10", "", 3196, 6173, "no_lost_dma@24 pinned_page_stays@22"),
        ("v5.11", "", 3608, 7014, "no_lost_dma@26 pinned_page_stays@24"),
        ("v5.18", "gup=get", 3655, 7313, "no_lost_dma@24 pinned_page_stays@22"),
        ("v5.19", "", 1992, 4038, ""),
        ("v5.10", "access=read", 2481, 4744, "no_lost_cpu_write@23 pinned_page_stays_read@21"),
        ("v5.19", "access=read", 1998, 4086, ""),
        ("v6.18+reclaim_refcount_check=off", "", 1468, 2896, ""),  # do_swap_page() looks at the swap cache again
        ("v6.18+gup_fast_pte_recheck=off", "", 1737, 3360, "anon_exclusive@9 no_lost_dma@20"),
        ("v6.18+try_share_anon_rmap=off", "", 1717, 3371, "anon_exclusive@10"),
        (
            "v6.18+gup_fast_pte_recheck=off",
            "by=migration",
            2282,
            5428,
            "anon_exclusive@8 no_lost_dma@13 pinned_page_stays@11",
        ),
        ("v6.18+migrate_refcount_check=off", "by=migration gup=get", 1981, 4740, "no_lost_dma@12 pinned_page_stays@10"),
    ),
    # 088b8aa537c2 (v6.1)
    "ksm_pin": (
        ("v5.10", "", 187, 301, "pinned_page_stays_read@18"),
        ("v5.19", "", 350, 567, "pinned_page_stays_read@20 anon_exclusive@19"),
        ("v6.1", "", 338, 548, ""),
        ("v6.18+gup_fast_barriers=off", "", 350, 567, "pinned_page_stays_read@20 anon_exclusive@19"),
        ("v5.10", "access=write stores=on", 541, 1059, ""),
        ("v5.10+ksm_refcount_check=off", "access=write stores=on", 946, 1930, "no_lost_dma@17 pinned_page_stays@15"),
        (
            "v6.1+ksm_pte_same=off",
            "access=write stores=on",
            530,
            992,
            "no_lost_cpu_write@23 no_lost_dma@24 pinned_page_stays@22 stored_is_somewhere@23",
        ),
    ),
    # each protection of on-demand paging
    "odp_fork": (
        ("v4.19", "", 42540, 112792, ""),
        (
            "v4.19+notifier_waits=off",
            "",
            98026,
            255979,
            "fork_content@16 fork_isolation_dma@14 no_lost_cpu_write@30 no_lost_dma@25 stored_is_somewhere@30",
        ),
        ("v4.19+odp_read_retry=off", "access=read", 11213, 29237, "no_lost_cpu_write@26"),
        ("v4.19+notifier_before_change=off", "access=read thread2=on", 152536, 520661, "no_lost_cpu_write@21"),
    ),
    # flushes of the device TLB
    "sva_fork": (
        ("v6.8", "", 10940, 28721, ""),
        ("v6.8+fork_flush=off", "", 9168, 22287, "fork_content@8 fork_isolation_dma@6 no_lost_dma@13"),
        ("v6.8+secondary_tlb_flush=off", "access=read thread2=on", 29680, 97918, "no_lost_cpu_write@14"),
    ),
}
