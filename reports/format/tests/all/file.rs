//! Reading results files, whole and damaged.

use std::fs;
use std::path::PathBuf;

use array_assay_format::{
    BackendInfo, Cell, Check, Classes, FORMAT_VERSION, Footer, Header, Level, Results, ResultsError, Revision, Timing, Tool, Verdict,
    Writer,
};

fn check(name: &str) -> Check {
    let id: array_assay_format::CheckId = format!("elementwise/{name}::value").parse().unwrap();
    let cell = Cell {
        dtype: "float32".to_owned(),
        device: String::new(),
        verdict: Verdict::Pass,
        cause: None,
        since: None,
        cases: 1,
        failures: 0,
        kinds: Default::default(),
        classes: Classes::default(),
        accuracy: None,
        counterexample: None,
        note: Some("größer".to_owned()),
    };
    Check {
        function: name.to_owned(),
        category: id.category.clone(),
        property: id.property,
        id,
        level: Level::Must,
        gated_at: None,
        since: Revision::V2021_12,
        until: None,
        verdict: Verdict::Pass,
        cells: vec![cell],
        clause: None,
        doubt: None,
        blocked_by: None,
        exercised: std::collections::BTreeMap::new(),
        covered: None,
        gap: None,
        consumer: None,
        last_of_function: false,
    }
}

fn results() -> Results {
    let header = Header {
        format: FORMAT_VERSION,
        tool: Tool { name: "array-assay".to_owned(), version: "0.1.0".to_owned() },
        backend: BackendInfo::default(),
        revisions: vec![Revision::V2025_12],
        draft: None,
        seed: u64::MAX,
        cases: 100,
        options: Default::default(),
    };
    let footer = Footer {
        checks: 2,
        verdicts: [(Verdict::Pass, 2)].into(),
        conforms: [(Revision::V2025_12, true)].into(),
        calls: 200,
        wall_s: 0.5,
        backend_s: 0.25,
        workers: 1,
        timing: Timing::default(),
        functions: [].into(),
        restarts: 0,
        retries: 0,
        finished: None,
    };
    Results { header, checks: vec![check("add"), check("sub")], footer }
}

/// The file's bytes after `harm`, in a folder that lives as long as the test.
fn file(harm: impl FnOnce(&mut Vec<u8>)) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.jsonl");
    results().write(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    harm(&mut bytes);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Harm done to the file's lines.
fn lines(harm: impl FnOnce(&mut Vec<String>)) -> (tempfile::TempDir, PathBuf) {
    file(|bytes| {
        let mut lines: Vec<String> = String::from_utf8(bytes.clone()).unwrap().lines().map(str::to_owned).collect();
        harm(&mut lines);
        *bytes = (lines.join("\n") + "\n").into_bytes();
    })
}

#[test]
fn what_was_written_is_read() {
    let (_folder, path) = file(|_| ());
    assert_eq!(Results::read(&path).unwrap(), results());
    let (_folder, path) = file(|bytes| bytes.truncate(bytes.len() - 1));
    assert_eq!(Results::read(&path).unwrap(), results(), "the last line end may be missing");
}

#[test]
fn a_file_cut_off_anywhere_is_incomplete_and_yields_what_was_done() {
    let (folder, path) = file(|_| ());
    let bytes = fs::read(&path).unwrap();
    let header = bytes.iter().position(|b| *b == b'\n').unwrap();
    for length in 0..bytes.len() - 1 {
        let cut = folder.path().join("cut.jsonl");
        fs::write(&cut, &bytes[..length]).unwrap();
        if length < header {
            assert!(matches!(Results::read(&cut), Err(ResultsError::NoHeader { .. })), "at {length}");
            continue;
        }
        assert!(matches!(Results::read(&cut), Err(ResultsError::Incomplete { .. })), "at {length}: {:?}", Results::read(&cut));
        let (_, checks, footer) = Results::read_partial(&cut).unwrap();
        // A line that lacks its end alone is there: `length` may stand right before it.
        let ends = bytes[header + 1..=length].iter().filter(|b| **b == b'\n').count();
        assert_eq!((checks.len(), footer), (ends.min(2), None), "at {length}");
    }
}

#[test]
fn a_file_without_footer_is_refused_but_for_resuming() {
    let (_folder, path) = lines(|lines| drop(lines.pop()));
    let error = Results::read(&path).unwrap_err();
    assert!(matches!(error, ResultsError::Incomplete { .. }));
    assert!(error.to_string().contains("--resume"), "{error}");
    assert_eq!(Results::read_partial(&path).unwrap().1, results().checks);
}

#[test]
fn a_check_that_stands_twice_is_named() {
    let (_folder, path) = lines(|lines| lines.insert(3, lines[1].clone()));
    let error = Results::read(&path).unwrap_err();
    assert!(matches!(&error, ResultsError::Duplicate { line: 4, id, .. } if id.function == "add"), "{error}");
}

#[test]
fn another_format_is_named_before_its_records_are_read() {
    let (_folder, path) = lines(|lines| lines[0] = r#"{"kind": "header", "format": 2, "all": "new"}"#.to_owned());
    assert!(matches!(Results::read(&path), Err(ResultsError::Format { found: 2, .. })));
}

#[test]
fn damage_is_told_by_line() {
    let expect = |at: usize, harm: &dyn Fn(&mut Vec<String>)| {
        let (_folder, path) = lines(harm);
        let error = Results::read(&path).unwrap_err();
        assert!(matches!(&error, ResultsError::Malformed { line, .. } if *line == at), "{error}");
    };
    expect(2, &|lines| lines[1].truncate(20));
    expect(3, &|lines| lines[2] = lines[2].replace("pass", "fine"));
    expect(3, &|lines| lines.insert(2, lines[0].clone()));
    expect(5, &|lines| lines.push(lines[1].replace("add", "mul")));
    expect(4, &|lines| lines[3].truncate(20));
    expect(1, &|lines| lines[0] = r#"{"kind": "header", "format": 1}"#.to_owned());
}

#[test]
fn what_is_no_results_file_is_told_apart() {
    for text in ["", "\n", "hello\n", "[1, 2]\n"] {
        let (_folder, path) = file(|bytes| *bytes = text.as_bytes().to_vec());
        let error = Results::read(&path).unwrap_err();
        assert!(matches!(error, ResultsError::NoHeader { .. } | ResultsError::Malformed { line: 1, .. }), "{text:?}: {error}");
    }
    let (_folder, path) = lines(|lines| drop(lines.remove(0)));
    assert!(matches!(Results::read(&path), Err(ResultsError::NoHeader { .. })));
    assert!(matches!(Results::read("nowhere.jsonl".as_ref()), Err(ResultsError::Open { .. })));
}

#[test]
fn fields_of_later_versions_are_ignored() {
    let (_folder, path) = lines(|lines| lines.iter_mut().for_each(|line| *line = line.replacen('{', r#"{"later": {"x": [1]}, "#, 1)));
    assert_eq!(Results::read(&path).unwrap(), results());
}

#[test]
fn a_footer_has_to_say_what_the_records_hold() {
    for (before, after) in
        [(r#""checks":2"#, r#""checks":1000000000000000"#), (r#""verdicts":{"pass":2}"#, r#""verdicts":{"pass":1,"fail":1}"#)]
    {
        let (_folder, path) = file(|bytes| *bytes = String::from_utf8(bytes.clone()).unwrap().replacen(before, after, 1).into_bytes());
        let error = Results::read(&path).unwrap_err();
        assert!(matches!(error, ResultsError::Footer { .. }), "{error}");
    }
    let mut deviates = results();
    deviates.checks[0].verdict = Verdict::Missing;
    deviates.checks[0].cells.clear();
    deviates.footer.verdicts = [(Verdict::Pass, 1), (Verdict::Missing, 1)].into();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.jsonl");
    deviates.write(&path).unwrap();
    let error = Results::read(&path).unwrap_err();
    assert!(error.to_string().contains("conforms to 2025.12"), "{error}");
}

#[test]
fn numbers_are_read_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
    let mut written = results();
    // Doubles that a parser which is off by a bit does not read back.
    let mut bits = 1u64;
    for _ in 0..2000 {
        bits = bits.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        written.footer.timing.wait_s = f64::from_bits(bits >> 2);
        written.write(&one).unwrap();
        Results::read(&one).unwrap().write(&other).unwrap();
        assert_eq!(fs::read(&one).unwrap(), fs::read(&other).unwrap(), "{bits}");
    }
}

#[test]
fn an_earlier_file_is_kept_until_the_next_one_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.jsonl");
    results().write(&path).unwrap();
    let before = fs::read(&path).unwrap();
    let mut writer = Writer::create(&path, &results().header, &[check("add")]).unwrap();
    writer.check(&check("sub")).unwrap();
    writer.flush().unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    let (_, checks, footer) = Results::read_partial(&array_assay_format::partial(&path)).unwrap();
    assert_eq!((checks.len(), footer), (2, None));
}
