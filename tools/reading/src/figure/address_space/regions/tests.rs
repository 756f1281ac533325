use super::*;

/// A real smaps: each VMA's first and last line.
const REAL: &str = include_str!("../mmap-anon-interactive.smaps");
const START_CODE: u64 = 0x564f_6f56_0530;

fn named(smaps: &str, pointers: &[(&str, u64)]) -> Vec<String> {
    let pointers = pointers
        .iter()
        .map(|(name, address)| ((*name).to_owned(), *address))
        .collect();
    let mut maps = Mapping::all(smaps).expect("smaps");
    maps.retain(|map| map.path != "[vsyscall]");
    let found = regions(&maps, Some(START_CODE), &pointers);
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
    found.iter().map(name).collect()
}

#[test]
fn every_vma_of_a_real_process_has_its_name() {
    let memory = [("memory", 0x7f5d_f7e0_0000)];
    assert_eq!(
        named(REAL, &memory),
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
            "[vvar] 7f5df90e6000-7f5df90ea000 16 kB r--p",
            "[vvar_vclock] 7f5df90ea000-7f5df90ec000 8 kB r--p",
            "[vdso] 7f5df90ec000-7f5df90ee000 8 kB r-xp",
            "ld-linux-x86-64.so.2 7f5df90ee000-7f5df9123000 212 kB r--p,r-xp,rw-p",
            "[stack] 7fff74b6f000-7fff74b90000 132 kB rw-p",
        ]
    );
    // Where the kernel does not tell where its text is, it is a file like others.
    let maps = Mapping::all(REAL).expect("smaps");
    let found = regions(&maps, None, &BTreeMap::new());
    assert_eq!(found[0].name, "mmap-anon-interactive");
}

#[test]
fn memory_behind_a_library_is_its_bss_unless_the_listing_points_there() {
    let pointed = named(REAL, &[("memory", 0x7f5d_f90a_d000)]);
    assert_eq!(
        pointed[7],
        "libc.so.6 7f5df8ed8000-7f5df90ad000 1876 kB r--p,r-xp,rw-p"
    );
    assert_eq!(
        pointed[8],
        "anonymous memory 7f5df90ad000-7f5df90ba000 52 kB rw-p"
    );
}

const OTHERS: &str = "\
564f6f55f000-564f6f5a1000 r-xp 00014000 fe:00 7          /home/reader/my program
564f6f5a1000-564f6f5a2000 r--p 00056000 fe:00 7          /home/reader/my program
VmFlags: rd mr mw me
564f6f5a4000-564f6f5a6000 rw-p 00057000 fe:00 7          /home/reader/my program
564f6f5a6000-564f6f6a6000 rw-p 00000000 00:00 0\x20
7f0000000000-7f0000001000 r--s 00000000 fe:00 9          /home/reader/data.txt
7f0000010000-7f0000011000 r--s 00000000 fe:00 9          /home/reader/data.txt
7f0000020000-7f0000021000 ---p 00000000 00:00 0\x20
7f0000021000-7f0000221000 rw-p 00000000 00:00 0\x20
7f0000221000-7f0000222000 rw-p 00000000 00:00 0          [anon:arena]
";

#[test]
fn files_and_bss_have_their_names() {
    let names = named(OTHERS, &[]).into_iter();
    let names = names.map(|line| line.rsplitn(5, ' ').last().unwrap_or_default().to_owned());
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "text (program)",
            "rodata (program)",
            "data (program)",
            "bss (program)",
            // A hole lies between.
            "data.txt",
            "data.txt",
            "no access",
            "anonymous memory",
            "[anon:arena]",
        ]
    );
}

#[test]
fn the_program_is_not_always_the_lowest_file() {
    let maps = "\
        10000-11000 r-xp 00000000 fe:00 7          /lib/ld.so\n\
        564f6f55f000-564f6f5a1000 r-xp 00014000 fe:00 8          /home/reader/program\n\
        564f6f5a1000-564f6f5a2000 rw-p 00014000 fe:00 8          /home/reader/program\n\
        564f6f5a2000-564f6f5a3000 ---p 00000000 00:00 0 \n";
    assert_eq!(
        named(maps, &[]),
        [
            "ld.so 10000-11000 4 kB r-xp",
            "text (program) 564f6f55f000-564f6f5a1000 264 kB r-xp",
            "data (program) 564f6f5a1000-564f6f5a2000 4 kB rw-p",
            // Nobody can write there: no bss.
            "no access 564f6f5a2000-564f6f5a3000 4 kB ---p",
        ]
    );
}
