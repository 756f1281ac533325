use super::*;

/// A real smaps: each VMA's first and last line.
const REAL: &str = include_str!("../mmap-anon-interactive.smaps");
const START_CODE: u64 = 0x564f_6f56_0530;

fn named(smaps: &str, threads: u64, pointers: &[(&str, u64)]) -> Vec<String> {
    let pointers = pointers
        .iter()
        .map(|(name, address)| ((*name).to_owned(), *address))
        .collect();
    let found = regions(smaps, Some(START_CODE), threads, &pointers).expect("smaps");
    let name = |region: &Region| {
        format!(
            "{} {:x}-{:x} {} kB {}",
            region.name,
            region.start,
            region.end,
            region.mapped / 1024,
            region.permissions.join(",")
        )
    };
    found.regions.iter().map(name).collect()
}

#[test]
fn every_vma_of_a_real_process_has_its_name() {
    let memory = [("memory", 0x7f5d_f7e0_0000)];
    assert_eq!(
        named(REAL, 1, &memory),
        [
            "rodata (program) 564f6f54a000-564f6f55f000 84 kB r--p",
            "text (program) 564f6f55f000-564f6f5a1000 264 kB r-xp",
            "relro (program) 564f6f5a1000-564f6f5a4000 12 kB r--p",
            "data (program) 564f6f5a4000-564f6f5a6000 8 kB rw-p",
            "[heap] 564f821cb000-564f821ec000 132 kB rw-p",
            "anonymous memory 7f5df7e00000-7f5df8e00000 16384 kB rw-p",
            "anonymous memory 7f5df8ed5000-7f5df8ed8000 12 kB rw-p",
            "libc.so.6 7f5df8ed8000-7f5df90ba000 1928 kB r--p,r-xp,rw-p",
            "libgcc_s.so.1 7f5df90ba000-7f5df90da000 128 kB r--p,r-xp,rw-p",
            "no access 7f5df90e1000-7f5df90e2000 4 kB ---p",
            "anonymous memory 7f5df90e2000-7f5df90e4000 8 kB rw-p",
            "anonymous memory 7f5df90e4000-7f5df90e6000 8 kB rw-p",
            "[vdso] 7f5df90e6000-7f5df90ee000 32 kB r--p,r-xp",
            "ld-linux-x86-64.so.2 7f5df90ee000-7f5df9123000 212 kB r--p,r-xp,rw-p",
            "[stack] 7fff74b6f000-7fff74b90000 132 kB rw-p",
        ]
    );
    let found = regions(REAL, None, 1, &BTreeMap::new()).expect("smaps");
    assert_eq!(found.vsyscall, Some(0xffff_ffff_ff60_0000));
    assert_eq!(found.regions[1].name, "text (program)");
}

#[test]
fn memory_behind_a_library_is_its_bss_unless_the_listing_points_there() {
    let pointed = named(REAL, 1, &[("memory", 0x7f5d_f90a_d000)]);
    assert_eq!(
        pointed[7],
        "libc.so.6 7f5df8ed8000-7f5df90ad000 1876 kB r--p,r-xp,rw-p"
    );
    assert_eq!(
        pointed[8],
        "anonymous memory 7f5df90ad000-7f5df90ba000 52 kB rw-p"
    );
}

const THREADED: &str = "\
564f6f55f000-564f6f5a1000 r-xp 00014000 fe:00 7          /home/reader/my program
564f6f5a1000-564f6f5a2000 r--p 00056000 fe:00 7          /home/reader/my program
VmFlags: rd mr mw me
564f6f5a4000-564f6f5a6000 rw-p 00057000 fe:00 7          /home/reader/my program
564f6f5a6000-564f6f6a6000 rw-p 00000000 00:00 0\x20
7f0000000000-7f0000001000 r--s 00000000 fe:00 9          /home/reader/data.txt
7f0000001000-7f0000002000 rw-p 00000000 fe:00 9          /home/reader/data.txt
7f0000002000-7f0000003000 rw-s 00000000 00:01 9          /dev/zero (deleted)
7f0000003000-7f0000004000 r--p 00000000 fe:00 7          /home/reader/my program
7f0000010000-7f0000011000 ---p 00000000 00:00 0\x20
7f0000011000-7f0000211000 rw-p 00000000 00:00 0\x20
7f0000211000-7f0000212000 rw-p 00000000 00:00 0          [anon:arena]
";

#[test]
fn files_bss_and_thread_stacks_have_their_names() {
    let names = |threads, pointers: &[(&str, u64)]| {
        let lines = named(THREADED, threads, pointers).into_iter();
        lines
            .map(|line| line.split(" 7f").next().unwrap_or_default().to_owned())
            .map(|line| line.split(" 564").next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(2, &[]),
        [
            "text (program)",
            "rodata (program)",
            "data (program)",
            "bss (program)",
            "data.txt",
            "data.txt",
            "shared memory",
            // The program's file, mapped a second time.
            "my program",
            "no access",
            "thread stack",
            "[anon:arena]",
        ]
    );
    // Without a second thread, or where mmap's result points, it is none.
    assert_eq!(names(1, &[])[9], "anonymous memory");
    assert_eq!(
        names(2, &[("memory", 0x7f00_0001_2000)])[9],
        "anonymous memory"
    );
    assert_eq!(names(2, &[("local", 0x7f00_0001_2010)])[9], "thread stack");
}

#[test]
fn a_signal_stack_is_no_thread_stack() {
    // Of the standard library: two pages behind one without access.
    assert_eq!(named(REAL, 2, &[]), named(REAL, 1, &[]));
}

#[test]
fn the_program_is_not_always_the_lowest_file() {
    let maps = "\
        10000-11000 r-xp 00000000 fe:00 7          /lib/ld.so\n\
        564f6f55f000-564f6f5a1000 r-xp 00014000 fe:00 8          /home/reader/program\n\
        564f6f5a1000-564f6f5a2000 rw-p 00014000 fe:00 8          /home/reader/program\n\
        564f6f5a2000-564f6f5a3000 ---p 00000000 00:00 0 \n";
    assert_eq!(
        named(maps, 1, &[]),
        [
            "ld.so 10000-11000 4 kB r-xp",
            "text (program) 564f6f55f000-564f6f5a1000 264 kB r-xp",
            "data (program) 564f6f5a1000-564f6f5a2000 4 kB rw-p",
            // Nobody can write there: no bss.
            "no access 564f6f5a2000-564f6f5a3000 4 kB ---p",
        ]
    );
}

#[test]
fn many_anonymous_mappings_in_a_row_are_one_region() {
    let line = |index: u64| {
        let start = 0x7f00_0000_0000 + index * 0x2000;
        format!("{start:x}-{:x} rw-p 00000000 00:00 0 \n", start + 0x1000)
    };
    let maps = |count| (0..count).map(line).collect::<String>();
    assert_eq!(named(&maps(4), 1, &[]).len(), 4);
    assert_eq!(
        named(&maps(9), 1, &[]),
        ["9 anonymous VMAs 7f0000000000-7f0000011000 36 kB rw-p"]
    );
    let pointed = named(&maps(9), 1, &[("memory", 0x7f00_0000_2000)]);
    assert_eq!(
        pointed[1..],
        [
            "anonymous memory 7f0000002000-7f0000003000 4 kB rw-p",
            "7 anonymous VMAs 7f0000004000-7f0000011000 28 kB rw-p",
        ]
    );
}

#[test]
fn what_is_no_smaps_is_an_error() {
    assert!(regions("Rss: 4 kB\n", None, 1, &BTreeMap::new()).is_err());
}
