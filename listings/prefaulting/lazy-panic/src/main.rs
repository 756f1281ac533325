//! Counts the functions that the library for panics looks up when the
//! program panics for the first and for the second time.

use std::ffi::{CStr, c_int, c_void};
use std::{env, panic, process, ptr, slice};

// ANCHOR: steps
fn main() {
    let slots = lazy_slots();
    panic::set_hook(Box::new(|_| {}));
    println!("functions = {}", slots.len());
    println!("found_by_first_panic = {}", found_by_a_panic(&slots));
    println!("found_by_second_panic = {}", found_by_a_panic(&slots));
}

fn found_by_a_panic(slots: &[*const usize]) -> usize {
    // SAFETY: the slots belong to a library that stays loaded, and no
    // other thread could change them.
    let read = |slot: &*const usize| unsafe { slot.read_volatile() };
    let before: Vec<usize> = slots.iter().map(read).collect();
    let caught = panic::catch_unwind(|| panic!("caught again"));
    assert!(caught.is_err(), "a panic is an error");
    let changed = |&(slot, before): &(&_, usize)| read(slot) != before;
    slots.iter().zip(before).filter(changed).count()
}
// ANCHOR_END: steps

/// Where libgcc_s keeps the addresses of the functions that it calls.
fn lazy_slots() -> Vec<*const usize> {
    let mut slots = Vec::new();
    let data = (&raw mut slots).cast();
    // musl looks up everything at the start, as LD_BIND_NOW asks for.
    if cfg!(target_env = "gnu")
        && cfg!(any(target_arch = "x86_64", target_arch = "aarch64"))
        && env::var_os("LD_BIND_NOW").is_none()
    {
        // SAFETY: `visit` gets `data`, which is what it expects.
        unsafe { libc::dl_iterate_phdr(Some(visit), data) };
    }
    if slots.is_empty() {
        println!("skipped: needs a libgcc_s that binds lazily");
        process::exit(0)
    }
    slots
}

/// # Safety
///
/// `info` describes a loaded library, and `data` is the list of slots.
unsafe extern "C" fn visit(
    info: *mut libc::dl_phdr_info,
    _: usize,
    data: *mut c_void,
) -> c_int {
    // SAFETY: as the caller promises; elf(5) says how the tables of a
    // library look, and glibc has written the addresses into them.
    unsafe {
        let (slots, info) =
            (&mut *data.cast::<Vec<*const usize>>(), &*info);
        let name = CStr::from_ptr(info.dlpi_name).to_string_lossy();
        if !name.contains("libgcc_s") {
            return 0;
        }
        let count = usize::from(info.dlpi_phnum);
        let headers = slice::from_raw_parts(info.dlpi_phdr, count);
        let mut dynamic = headers.iter().filter(|one| one.p_type == 2);
        let dynamic = dynamic.next().expect("a library has PT_DYNAMIC");
        let entries: *const [u64; 2] = ptr::with_exposed_provenance(
            (info.dlpi_addr + dynamic.p_vaddr) as usize,
        );
        let entries = (0..).map(|index| *entries.add(index));
        let entries: Vec<_> =
            entries.take_while(|one| one[0] != 0).collect();
        // DT_BIND_NOW, or one of the two flags that mean the same.
        let now = entries.iter().any(|&[tag, value]| {
            tag == 24
                || tag == 30 && value & 8 != 0
                || tag == 0x6fff_fffb && value & 1 != 0
        });
        let find = |tag| entries.iter().find(|one| one[0] == tag);
        // DT_JMPREL and DT_PLTRELSZ: a table of offset, info and addend.
        let (Some(table), Some(bytes), false) = (find(23), find(2), now)
        else {
            return 0;
        };
        let table: *const [u64; 3] =
            ptr::with_exposed_provenance(table[1] as usize);
        for index in 0..bytes[1] as usize / 24 {
            let [offset, ..] = *table.add(index);
            let slot = info.dlpi_addr + offset;
            slots.push(ptr::with_exposed_provenance(slot as usize));
        }
    }
    0
}
