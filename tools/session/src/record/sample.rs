//! A record for tests: of this room, and of those that include this file.

use std::collections::BTreeMap;

use super::{Checkpoint, Ending, Environment, ProcFiles, Record};

/// A record of two checkpoints, for tests: `mapped` and `touched`.
pub fn sample(mapped: &str, touched: &str) -> Record {
    let checkpoint = |name: &str, fields: &str, minflt: u64| Checkpoint {
        name: name.to_owned(),
        next: "go on".to_owned(),
        addresses: BTreeMap::from([("memory".to_owned(), 0x7f00_0000_0000)]),
        values: BTreeMap::from([("touched".to_owned(), "3 pages".to_owned())]),
        processes: BTreeMap::new(),
        proc: ProcFiles {
            smaps: format!("7f0000000000-7f0001000000 rw-p 00000000 00:00 0 \n{fields}"),
            status: "Name:\tsample\nVmRSS:\t    1900 kB\nThreads:\t1\n".to_owned(),
            stat: format!("7 (a ) b) S 1 7 7 0 -1 4194304 {minflt} 0 2 0 0"),
            ..ProcFiles::default()
        },
        pages: BTreeMap::new(),
        commands: Vec::new(),
    };
    Record {
        listing: "sample".to_owned(),
        environment: Environment {
            kernel: "6.18".to_owned(),
            architecture: "x86_64".to_owned(),
            page_size: 4096,
            huge_pages: None,
            overcommit: Some(0),
            root: false,
            date: "2026-11-24".to_owned(),
        },
        arguments: Vec::new(),
        pid: 7,
        values: BTreeMap::from([
            ("touched".to_owned(), "4 pages".to_owned()),
            ("outcome".to_owned(), "EACCES".to_owned()),
            ("median".to_owned(), "1220 ns".to_owned()),
            ("first_ns".to_owned(), "3 5 9".to_owned()),
        ]),
        companions: BTreeMap::new(),
        transcript: Vec::new(),
        checkpoints: vec![
            checkpoint("mapped", mapped, 96),
            checkpoint("touched", touched, 97),
        ],
        ending: Ending::Exit(0),
        skipped: None,
        stored: None,
    }
}
