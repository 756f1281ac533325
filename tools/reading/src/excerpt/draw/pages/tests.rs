use super::*;
use crate::sample;
use session::{Pages, ProcFiles, Process};

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

fn drawing(mapped: &[(u64, char)], touched: &[(u64, char)]) -> Drawing {
    let mut record = sample("", "");
    for (checkpoint, runs) in record.checkpoints.iter_mut().zip([mapped, touched]) {
        checkpoint.pages.insert("memory".to_owned(), pages(runs));
    }
    let at = [record.checkpoints[0].place(), record.checkpoints[1].place()];
    draw(&record, &at, None, None).expect("drawn")
}

#[test]
fn a_page_is_a_cell_and_neighbours_are_one_shape() {
    let drawing = drawing(&[(4096, '.')], &[(1, '.'), (130, 'e'), (3965, '.')]);
    let html = drawing.to_html();
    // Nothing: the whole grid.
    assert!(html.contains("d=\"M0 0h64v64h-64z\""), "{html}");
    // Pages 1 to 130: the rest of a row, a row, three of the next.
    assert!(
        html.contains("d=\"M1 0h63v1h-63zM0 1h64v1h-64zM0 2h3v1h-3z\""),
        "{html}"
    );
    assert!(html.contains(">130 of 4096 pages present</text>"), "{html}");
    assert_eq!(
        drawing.images[1].description,
        ["130 of 4096 pages are present, mapped here only."]
    );
    assert!(html.len() < 3000, "{} bytes", html.len());
}

#[test]
fn states_differ_in_shape_and_have_a_key() {
    let html = drawing(&[(8, '.')], &[(3, 'e'), (2, 's'), (1, 'w'), (2, '.')]).to_html();
    for state in State::ALL {
        assert!(
            html.contains(&format!(">{}</text>", state.name())),
            "{state:?} in {html}"
        );
    }
    assert!(
        html.contains(">5 of 8 pages present, 1 swapped out</text>"),
        "{html}"
    );
    assert!(html.contains("d=\"M5 0h1v1h-1z\""), "{html}");
    let shapes: std::collections::BTreeSet<String> =
        State::ALL.iter().map(|state| state.cell()).collect();
    assert_eq!(shapes.len(), 4);
}

#[test]
fn no_two_patterns_have_one_id() {
    let html = drawing(&[(8, '.')], &[(1, 'e'), (7, '.')]).to_html();
    let ids: Vec<&str> = html
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let different: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!((ids.len(), different.len()), (3, 3), "{ids:?}");
    for id in ids {
        assert!(html.contains(&format!("url(#{id})")), "{id} in {html}");
    }
}

#[test]
fn a_cell_of_many_pages_shows_what_says_most() {
    let runs = |pages_of: &[(u64, char)], per_cell| cell_runs(&pages(pages_of), per_cell);
    use State::{Empty, Exclusive, Shared};
    assert_eq!(runs(&[(3, '.'), (1, 'e')], 1), [(Empty, 3), (Exclusive, 1)]);
    assert_eq!(
        runs(&[(5, '.'), (1, 'e'), (10, '.')], 4),
        [(Empty, 1), (Exclusive, 1), (Empty, 2)]
    );
    assert_eq!(
        runs(&[(1, 'e'), (1, 's'), (3, '.'), (1, 's')], 4),
        [(Exclusive, 1), (Shared, 1)]
    );
    let drawing = drawing(&[(1 << 18, '.')], &[(1, 'e'), ((1 << 18) - 1, '.')]);
    assert!(
        drawing.caption.contains("Each cell stands for 64 pages"),
        "{}",
        drawing.caption
    );
    assert!(drawing.to_html().contains("d=\"M0 0h1v1h-1z\""));
}

#[test]
fn what_is_missing_is_named() {
    let mut record = sample("", "");
    let error = |record: &Record, of: Option<&str>| {
        let drawn = draw(record, &[record.checkpoints[0].place()], of, None);
        drawn
            .map_err(|error| error.to_string())
            .expect_err("no grid")
    };
    assert_eq!(
        error(&record, None),
        "the record holds no page states of `memory` at `mapped`: nothing is mapped there, \
         or more than 1 GiB"
    );
    assert!(error(&record, Some("memroy")).contains("did you mean `memory`?"));
    let other = [("other".to_owned(), 4096)];
    record.checkpoints[0].addresses.extend(other);
    assert!(error(&record, None).contains("say which with `--of NAME`: memory, other"));
}

#[test]
fn another_process_has_pages_of_its_own() {
    let mut record = sample("", "");
    let mut child = record.checkpoints[1].place();
    child.process = Some("child".to_owned());
    let touched = &mut record.checkpoints[1];
    let of = |runs: &[(u64, char)]| Pages::from([("memory".to_owned(), pages(runs))]);
    touched.pages = of(&[(8, 's')]);
    let at = [touched.place(), child];
    let error = draw(&record, &at, None, None).map_err(|error| error.to_string());
    assert!(error.is_err_and(|error| error.contains("`touched:child`")));
    assert_eq!(steps(&record, &at, None, "figure"), None);

    let process = Process {
        pid: 8,
        proc: ProcFiles::default(),
        pages: of(&[(2, 'e'), (6, 's')]),
    };
    let others = &mut record.checkpoints[1].processes;
    others.insert("child".to_owned(), process);
    let drawing = draw(&record, &at, None, None).expect("drawn");
    let grids = steps(&record, &at, None, "figure").expect("they differ");
    assert_eq!(
        [&drawing.images[0], &grids[0]].map(|image| image.body.contains("present, exclusive")),
        [false, true],
        "the key of steps is one for all"
    );
    for images in [&drawing.images, &grids] {
        assert_eq!(images[0].title, "Pages of memory at touched");
        assert_eq!(images[1].title, "Pages of memory at touched:child");
        assert_eq!(
            images[1].description,
            ["8 of 8 pages are present: 2 mapped here only, 6 not exclusive."]
        );
    }
}
