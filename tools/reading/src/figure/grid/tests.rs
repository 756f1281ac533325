use proptest::prelude::*;

use super::{STATES, State};
use crate::figure::tests::{Picture, html, pictures};
use crate::sample;
use session::{PageRun, Pages, ProcFiles, Process, Record};

/// Runs of pages: `e`xclusive, `s`hared, in s`w`ap, or `.` nothing.
fn pages(runs: &[(u64, char)]) -> Vec<PageRun> {
    let run = |(pages, state): &(u64, char)| {
        let present = matches!(state, 'e' | 's');
        let (exclusive, swapped) = (*state == 'e', *state == 'w');
        let json = format!(
            "{{\"pages\":{pages},\"state\":{{\"present\":{present},\"swapped\":{swapped},\
             \"file_or_shared\":false,\"exclusive\":{exclusive}}}}}"
        );
        serde_json::from_str(&json).expect("a run of pages")
    };
    runs.iter().map(run).collect()
}

const WORDS: [&str; 4] = ["steps", "sample", "--fields", "Rss"];

fn record(mapped: &[(u64, char)], touched: &[(u64, char)]) -> Record {
    let mut record = sample("Rss: 0 kB\n", "Rss: 0 kB\n");
    for (checkpoint, runs) in record.checkpoints.iter_mut().zip([mapped, touched]) {
        checkpoint.pages.insert("memory".to_owned(), pages(runs));
    }
    record
}

fn grids(mapped: &[(u64, char)], touched: &[(u64, char)]) -> Vec<Picture> {
    pictures(&record(mapped, touched), &WORDS)
}

/// How large the cells of a state are, together.
fn size(picture: &Picture, cells: &str) -> f64 {
    // A rectangle has four corners.
    let rectangles = picture
        .drawn(cells)
        .into_iter()
        .flat_map(|corners| corners.chunks(4));
    let sizes = rectangles.map(|at| (at[1].0 - at[0].0) * (at[2].1 - at[1].1));
    sizes.sum()
}

#[test]
fn the_same_numbers_are_seen_and_said() {
    let grids = grids(&[(8, '.')], &[(3, 'e'), (2, 's'), (1, 'w'), (2, '.')]);
    assert_eq!(grids[0].title, "Pages of memory at mapped");
    assert_eq!(grids[0].said, "0 of 8 pages present: 8 with no page.");
    assert_eq!(
        grids[1].said,
        "5 of 8 pages present: 3 present, exclusive; 2 present, not exclusive; 1 swapped out; 2 with no page."
    );
    // The key is the same below both, so that nothing moves.
    for (grid, counts) in grids.iter().zip([[0, 0, 0, 8], [3, 2, 1, 2]]) {
        assert_eq!(grid.texts.len(), 6, "{grid:?}");
        for (state, count) in STATES.iter().zip(counts) {
            let text = format!("{count} {}", state.1);
            assert!(grid.texts.contains(&text), "{text} in {grid:?}");
        }
    }
    let shapes: std::collections::BTreeSet<String> =
        STATES.iter().map(|state| state.cell()).collect();
    assert_eq!(shapes.len(), 4);
}

#[test]
fn where_all_is_exclusive_no_key_is_needed() {
    let grids = grids(&[(4096, '.')], &[(1, '.'), (130, 'e'), (3965, '.')]);
    assert_eq!(grids[1].texts, ["touched", "130 of 4096 pages present"]);
    let html = html(
        &record(&[(4096, '.')], &[(1, '.'), (130, 'e'), (3965, '.')]),
        &WORDS,
    )
    .expect("drawn");
    assert!(
        html.len() < 3000,
        "neighbours are one shape: {} bytes",
        html.len()
    );
}

#[test]
fn no_two_patterns_have_one_id() {
    let html = html(&record(&[(8, '.')], &[(1, 'e'), (7, '.')]), &WORDS).expect("drawn");
    let patterns = html.split("<pattern id=\"").skip(1);
    let ids: Vec<&str> = patterns.filter_map(|rest| rest.split('"').next()).collect();
    let different: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!((ids.len(), different.len()), (3, 3), "{ids:?}");
    for id in ids {
        assert!(html.contains(&format!("url(#{id})")), "{id} in {html}");
    }
}

#[test]
fn there_are_none_where_they_would_say_nothing() {
    assert_eq!(grids(&[(8, 'e')], &[(8, 'e')]).len(), 0, "nothing changes");
    assert_eq!(
        grids(&[(1, '.')], &[(1, 'e')]).len(),
        0,
        "a page is no grid"
    );
    let many = super::MOST + 1;
    assert_eq!(grids(&[(many, '.')], &[(many, 'e')]).len(), 0, "too many");
    let mut half = record(&[(8, '.')], &[(8, 'e')]);
    half.checkpoints[0].pages.clear();
    assert_eq!(
        pictures(&half, &WORDS).len(),
        0,
        "only one of two is recorded"
    );
}

#[test]
fn a_mapping_may_shrink_to_a_page() {
    let grids = grids(&[(1, 'e'), (7, '.')], &[(1, 'e')]);
    assert_eq!(grids[1].said, "1 of 1 pages present: 1 present, exclusive.");
    assert_eq!(grids[1].drawn("data-cell=x").len(), 1);
}

#[test]
fn another_process_has_pages_of_its_own() {
    let mut record = record(&[(8, '.')], &[(8, 's')]);
    let process = Process {
        pid: 8,
        proc: ProcFiles {
            smaps: record.checkpoints[1].proc.smaps.clone(),
            ..ProcFiles::default()
        },
        pages: Pages::from([("memory".to_owned(), pages(&[(2, 'e'), (6, 's')]))]),
    };
    record.checkpoints[1]
        .processes
        .insert("child".to_owned(), process);
    let places = ["--at", "touched", "--at", "touched:child"];
    let grids = pictures(&record, &[&WORDS[..], &places].concat());
    assert_eq!(grids[0].title, "Pages of memory at touched");
    assert_eq!(grids[1].title, "Pages of memory at touched:child");
    assert_eq!(
        grids[1].said,
        "8 of 8 pages present: 2 present, exclusive; 6 present, not exclusive."
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_page_is_one_cell_in_its_state(
        runs in prop::collection::vec((1..700_u64, prop::sample::select(vec!['e', 's', 'w', '.'])), 1..7)
    ) {
        let total: u64 = runs.iter().map(|(count, _)| count).sum();
        let grids = grids(&[(total, '.')], &runs);
        prop_assume!(!grids.is_empty());
        let page = size(&grids[1], "data-cell=") / total as f64;
        for state in STATES {
            let wanted = |run: &&(u64, char)| State::of(&pages(&[**run])[0]) == state;
            let count: u64 = runs.iter().filter(wanted).map(|(count, _)| count).sum();
            let cells = size(&grids[1], &format!("data-cell={}", state.0)) / page;
            prop_assert!((cells - count as f64).abs() < 0.01, "{state:?} of {runs:?}: {cells}");
        }
    }
}
