//! Tests of baselines: reading, writing, updating, and comparing with results.

use std::collections::BTreeMap;

use array_assay_format::{BackendInfo, FORMAT_VERSION, Footer, Header, Timing, Tool};

use super::*;

/// Cells by dtype, each with its kinds of deviation and their causes. A cell without kinds passes.
type Cells<'c> = &'c [(&'c str, &'c [(Cause, &'c str)])];

fn cell(dtype: &str, kinds: &[(Cause, &str)]) -> Cell {
    let mut by_cause: BTreeMap<Cause, BTreeMap<String, u64>> = BTreeMap::new();
    for (cause, kind) in kinds {
        let of_cause = by_cause.entry(*cause).or_default();
        if !kind.is_empty() {
            of_cause.insert((*kind).to_owned(), 1);
        }
    }
    Cell {
        dtype: dtype.to_owned(),
        device: String::new(),
        verdict: if kinds.is_empty() { Verdict::Pass } else { Verdict::Fail },
        cause: kinds.first().map(|(cause, _)| *cause),
        since: None,
        cases: 10,
        failures: kinds.len() as u64,
        kinds: by_cause,
        classes: Default::default(),
        accuracy: None,
        counterexample: None,
        note: None,
    }
}

fn check(id: &str, cells: Cells<'_>) -> Check {
    let id: CheckId = id.parse().unwrap();
    let cells: Vec<Cell> = cells.iter().map(|(dtype, kinds)| cell(dtype, kinds)).collect();
    Check {
        function: id.function.clone(),
        category: id.category.clone(),
        property: id.property,
        level: if id.slug.as_deref() == Some("accuracy") { Level::Should } else { Level::Must },
        gated_at: None,
        since: Revision::V2021_12,
        until: None,
        verdict: Cell::overall(cells.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::Pass),
        cells,
        clause: None,
        doubt: None,
        blocked_by: None,
        gap: None,
        consumer: None,
        last_of_function: true,
        exercised: BTreeMap::new(),
        covered: None,
        id,
    }
}

fn results(seed: u64, cases: u32, checks: Vec<Check>) -> Results {
    let backend = BackendInfo { name: "numpy".to_owned(), version: "2.4".to_owned(), ..BackendInfo::default() };
    let header = Header {
        format: FORMAT_VERSION,
        tool: Tool { name: "array-assay".to_owned(), version: "0.1.0".to_owned() },
        backend,
        revisions: Revision::published().to_vec(),
        draft: None,
        seed,
        cases,
        options: BTreeMap::new(),
    };
    let footer = Footer {
        checks: checks.len() as u64,
        verdicts: BTreeMap::new(),
        conforms: BTreeMap::new(),
        calls: 0,
        wall_s: 0.0,
        backend_s: 0.0,
        workers: 1,
        timing: Timing::default(),
        functions: BTreeMap::new(),
        restarts: 0,
        retries: 0,
        finished: None,
    };
    Results { header, checks, footer }
}

fn parse(text: &str) -> Baseline {
    Baseline::parse("known.yaml", text).unwrap_or_else(|error| panic!("failed to {error}\n{text}"))
}

/// Only the entries of a baseline as text.
fn entries(baseline: &Baseline) -> String {
    let text = baseline.to_yaml("numpy");
    assert_eq!(entries_of(&parse(&text).to_yaml("numpy")), entries_of(&text), "what was written is read");
    entries_of(&text)
}

fn entries_of(text: &str) -> String {
    text.split_once("seed: ").map_or(String::new(), |(_, rest)| format!("seed: {rest}"))
}

fn judge(results: &Results, baseline: &Baseline) -> Gate {
    Gate::judge(results, baseline, Revision::NEWEST, Level::Must)
}

#[test]
fn the_accuracy_of_an_approximation_counts_at_the_level_quality() {
    let spec = array_assay_spec::Spec::embedded();
    let of_sin = |slug: Option<&str>| {
        let id = array_assay_format::CheckId { slug: slug.map(str::to_owned), ..VALUE.replace("floor_divide", "sin").parse().unwrap() };
        let definition = spec.checks().find(|check| check.id == id).expect("the spec has it");
        let cells: Cells<'_> = &[("float64", OFF)];
        Check { level: definition.level, gated_at: definition.gated_at, ..check(&id.to_string(), cells) }
    };
    let (wrong, inaccurate) = (of_sin(None), of_sin(Some("accuracy")));
    assert_eq!(wrong.level, Level::Should, "no sentence of the standard demands it");
    assert_eq!(judge(&results(0, 100, vec![wrong]), &Baseline::default()).unexpected.len(), 1, "`sin` may not return `cos`");
    assert!(judge(&results(0, 100, vec![inaccurate]), &Baseline::default()).is_open());
}

const OFF: &[(Cause, &str)] = &[(Cause::WrongValue, "one off")];
const NAN: &[(Cause, &str)] = &[(Cause::WrongValue, "NaN for a number")];
const VALUE: &str = "elementwise/floor_divide::value";

const FLOAT32: &str = "
seed: 0
cases: 100
deviations:
- check: elementwise/floor_divide::value
  cause: wrong-value
  dtypes: [float32]
  kinds: [one off]
  reason: rounds
";

#[test]
fn another_dtype_kind_or_cause_is_new() {
    let baseline = parse(FLOAT32);
    let new = |cells: Cells<'_>| {
        let gate = judge(&results(0, 100, vec![check(VALUE, cells)]), &baseline);
        gate.unexpected.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let others = "; the baseline names others of its deviations, not these";
    assert_eq!(new(&[("float32", OFF), ("int8", &[])]), "");
    assert_eq!(new(&[("float32", OFF), ("int8", OFF)]), format!("{VALUE}  wrong-value: int8 (one off){others}"));
    assert_eq!(new(&[("float32", OFF), ("float32+int8", OFF)]), format!("{VALUE}  wrong-value: float32+int8 (one off){others}"));
    let both = [OFF, NAN].concat();
    assert_eq!(new(&[("float32", &both)]), format!("{VALUE}  wrong-value: float32 (NaN for a number){others}"));
    let crash = [OFF, &[(Cause::Crashed, "")]].concat();
    assert_eq!(new(&[("float32", &crash)]), format!("{VALUE}  crashed: float32{others}"));
    // A wrong number may happen to be one off, so a baseline with "wrong number" accepts that. The reverse is unexpected.
    let wrong = parse(&FLOAT32.replace("one off", "wrong number"));
    assert!(judge(&results(0, 100, vec![check(VALUE, &[("float32", OFF)])]), &wrong).is_open());
    assert!(!new(&[("float32", &[(Cause::WrongValue, "wrong number")])]).is_empty());
}

#[test]
fn old_entries_excuse_any_dtype_and_kind_and_old_results_have_no_kinds() {
    let old = parse("deviations:\n- {check: elementwise/floor_divide::value, cause: wrong-value, reason: rounds}\n");
    let both = [OFF, NAN].concat();
    assert!(judge(&results(0, 0, vec![check(VALUE, &[("float32", &both), ("int8", OFF)])]), &old).is_open());
    let untold = Cell { kinds: BTreeMap::new(), ..cell("float32", OFF) };
    let of_old =
        |dtype: &str| Check { cells: vec![Cell { dtype: dtype.to_owned(), ..untold.clone() }], ..check(VALUE, &[("float32", OFF)]) };
    let unexpected = |dtype: &str| judge(&results(0, 1, vec![of_old(dtype)]), &parse(FLOAT32)).unexpected.len();
    assert_eq!((unexpected("float32"), unexpected("int8")), (0, 1));
}

#[test]
fn an_entry_is_stale_by_dtype_and_only_in_a_run_like_its_own() {
    let text = FLOAT32.replace("[float32]", "[float32, int8]");
    let stale = |text: &str, seed: u64, cases: u32, cells: Cells<'_>| {
        let gate = judge(&results(seed, cases, vec![check(VALUE, cells)]), &parse(text));
        gate.stale.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let (both, none): (Cells<'_>, Cells<'_>) = (&[("float32", OFF), ("int8", OFF)], &[("float32", &[]), ("int8", &[])]);
    assert_eq!(stale(&text, 0, 100, both), "");
    assert!(stale(&text, 0, 100, none).contains("(wrong-value) is in the baseline but did not occur: remove the entry"));
    let part = stale(&text, 0, 100, &[("float32", &[]), ("int8", OFF)]);
    assert!(part.contains("did not occur for float32 (one off): remove that from the entry"), "{part}");
    // Only a run with the same seed and at least as many cases can show that an entry is stale, and only for dtypes that it judged.
    assert_eq!(stale(&text, 1, 100, none), "");
    assert_eq!(stale(&text, 0, 99, none), "");
    assert_eq!(stale(&text, 0, 100, &[("int8", OFF)]), "");
    // A dtype without cases shows nothing.
    let untested = Cell { cases: 0, ..cell("float32", &[]) };
    let run = results(0, 100, vec![Check { cells: vec![untested], ..check(VALUE, &[]) }]);
    assert_eq!(judge(&run, &parse(FLOAT32)).stale, []);
    assert_eq!(entries(&parse(FLOAT32).updated(&[run], Level::Must).unwrap().baseline), entries(&parse(FLOAT32)));
    // An entry may name its own run.
    let own = format!("{text}  seed: 7\n  cases: 10\n");
    assert_eq!(stale(&own, 0, 100, none), "");
    assert!(!stale(&own, 7, 10, none).is_empty());
    assert_eq!(stale(&format!("{text}  intermittent: true\n"), 0, 100, none), "");
}

#[test]
fn names_that_do_not_exist_are_errors_that_name_the_nearest() {
    for (wrong, right, line) in [
        ("elementwise/floor_divid::value", "elementwise/floor_divide::value", 5),
        ("elementwise/floor_divide::valeu", "elementwise/floor_divide::value", 5),
        ("wrong-vlaue", "wrong-value", 5),
        ("flaot32", "float32", 5),
    ] {
        let error = Baseline::parse("known.yaml", &FLOAT32.replacen(right, wrong, 1)).unwrap_err().to_string();
        assert!(error.contains(&format!("known.yaml, line {line}")) && error.contains(&format!("did you mean `{right}`?")), "{error}");
    }
    let pair = FLOAT32.replace("[float32]", "[float32+int9]");
    assert!(Baseline::parse("known.yaml", &pair).unwrap_err().to_string().contains("there is no dtype `int9`"));
    let two = FLOAT32.replace("kinds: [one off]", "kinds: {one off: [int8]}");
    assert!(matches!(Baseline::parse("known.yaml", &two), Err(BaselineError::TwoLists { .. })));
}

#[test]
fn a_new_baseline_names_exactly_what_deviates() {
    let both = [OFF, NAN].concat();
    let run = results(
        3,
        50,
        vec![
            check(VALUE, &[("float32", OFF), ("float64", &[]), ("int8", OFF)]),
            check("elementwise/pow::value", &[("float64", NAN), ("float32", &both)]),
            check(
                "elementwise/add::call",
                &[("int8+uint8", &[(Cause::Raised, "numpy.exceptions.AxisError")]), ("bool", &[(Cause::TimedOut, "")])],
            ),
            check("elementwise/clip::signature", &[("", &[(Cause::Signature, "it has no parameter `max`")])]),
            check("elementwise/abs::present", &[("", &[(Cause::MissingName, "")])]),
            check("creation/arange::call", &[("", &[(Cause::Raised, "TypeError")])]),
            check("elementwise/cos::value/accuracy", &[("float64", &[(Cause::Inaccurate, "no digit")])]),
        ],
    );
    let updated = Baseline::default().updated(std::slice::from_ref(&run), Level::Must).unwrap();
    let expected = r#"seed: 3
cases: 50
deviations:
- check: creation/arange::call
  cause: raised
  dtypes: [none]
  kinds: [TypeError]
  reason: "not yet explained"
- check: elementwise/abs::present
  cause: missing-name
  reason: "not yet explained"
- check: elementwise/add::call
  cause: raised
  dtypes: [int8+uint8]
  kinds: [numpy.exceptions.AxisError]
  reason: "not yet explained"
- check: elementwise/add::call
  cause: timed-out
  dtypes: [bool]
  reason: "not yet explained"
- check: elementwise/clip::signature
  cause: signature
  kinds: ["it has no parameter `max`"]
  reason: "not yet explained"
- check: elementwise/floor_divide::value
  cause: wrong-value
  dtypes: [int8, float32]
  kinds: [one off]
  reason: "not yet explained"
- check: elementwise/pow::value
  cause: wrong-value
  kinds:
    NaN for a number: [float32, float64]
    one off: [float32]
  reason: "not yet explained"
"#;
    assert_eq!(entries(&updated.baseline), expected);
    assert!(updated.stale.is_empty());
    assert!(judge(&run, &updated.baseline).is_open());
    let should = Baseline::default().updated(&[run], Level::Should).unwrap().baseline;
    assert!(entries(&should).contains("cos::value/accuracy\n  cause: inaccurate\n  dtypes: [float64]\n  kinds: [no digit]\n"));
}

#[test]
fn an_update_keeps_reasons_links_order_and_comments() {
    let text = r#"# Ours.
seed: 0
cases: 100
deviations:
# Powers first.
- check: elementwise/pow::value
  cause: wrong-value
  # and why
  reason: rounds, too
  link: https://example.org/issues/1
- check: elementwise/floor_divide::value
  cause: wrong-value
  dtypes: [float32]
  kinds: [one off]
  reason: rounds
- check: set/isin::value
  cause: wrong-value
  reason: "ignored"
# The end.
"#;
    let run = results(
        0,
        100,
        vec![
            check("elementwise/add::value", &[("int8", OFF)]),
            check("elementwise/pow::value", &[("float64", NAN)]),
            check(VALUE, &[("float32", OFF), ("int8", OFF)]),
        ],
    );
    let updated = parse(text).updated(&[run], Level::Must).unwrap().baseline.to_yaml("numpy");
    let (head, body) = updated.split_once("# Ours.\n").unwrap();
    assert!(head.starts_with("# Known deviations of numpy"), "{head}");
    let expected = r#"seed: 0
cases: 100
deviations:
- check: elementwise/add::value
  cause: wrong-value
  dtypes: [int8]
  kinds: [one off]
  reason: "not yet explained"
# Powers first.
# and why
- check: elementwise/pow::value
  cause: wrong-value
  dtypes: [float64]
  kinds: [NaN for a number]
  reason: "rounds, too"
  link: https://example.org/issues/1
- check: elementwise/floor_divide::value
  cause: wrong-value
  dtypes: [float32]
  kinds: [one off]
  reason: "rounds"
- check: elementwise/floor_divide::value
  cause: wrong-value
  dtypes: [int8]
  kinds: [one off]
  reason: "not yet explained"
- check: set/isin::value
  cause: wrong-value
  reason: "ignored"
# The end.
"#;
    assert_eq!(body, expected, "a reason that was given for float32 is not given for int8");
    assert_eq!(parse(&updated).to_yaml("numpy"), updated, "the head is not written twice");
    let mut over_itself = parse(&updated);
    over_itself.overlay(parse(&updated));
    assert_eq!(over_itself.to_yaml("numpy"), updated, "nor is what a file read twice says");
}

#[test]
fn a_partial_update_changes_only_entries_on_checks_that_ran() {
    let text = format!("{FLOAT32}- {{check: elementwise/pow::value, cause: wrong-value, dtypes: [float32, float64], reason: why}}\n");
    let update = |seed: u64, cases: u32, options: &[(&str, &str)], checks: Vec<Check>| {
        let mut run = results(seed, cases, checks);
        run.header.options = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        entries(&parse(&text).updated(&[run], Level::Must).unwrap().baseline)
    };
    let before = entries(&parse(&text));
    // If fewer cases show the deviation, the entry takes their number. Other entries do not change.
    let fewer = update(0, 20, &[("select", VALUE)], vec![check(VALUE, &[("float32", OFF)])]);
    assert_eq!(fewer, before.replacen("reason: \"rounds\"\n", "reason: \"rounds\"\n  seed: 0\n  cases: 20\n", 1));
    // Fewer cases or another seed without the deviation change nothing.
    assert_eq!(update(0, 20, &[], vec![check(VALUE, &[("float32", &[])])]), before);
    assert_eq!(update(1, 500, &[], vec![check(VALUE, &[("float32", &[])])]), before);
    assert_eq!(update(1, 500, &[], vec![check(VALUE, &[("float32", OFF)])]), before);
    // A run on one dtype says nothing about the others.
    let one = update(0, 100, &[("dtype", "float32")], vec![check("elementwise/pow::value", &[("float32", &[])])]);
    assert_eq!(one, before.replace("dtypes: [float32, float64]", "dtypes: [float64]"));
    let stale = update(0, 100, &[], vec![check(VALUE, &[("float32", &[])])]);
    assert!(!stale.contains("floor_divide") && stale.contains("pow"), "{stale}");
}

#[test]
fn a_deviation_that_only_some_seeds_show_is_intermittent() {
    let old = parse("seed: 0\ncases: 100\ndeviations:\n- {check: elementwise/floor_divide::value, cause: wrong-value, reason: rounds}\n");
    let run = |seed: u64, int8: &[(Cause, &str)]| results(seed, 100, vec![check(VALUE, &[("float32", OFF), ("int8", int8)])]);
    let runs = [run(2, OFF), run(0, &[]), run(1, NAN)];
    let updated = old.updated(&runs, Level::Must).unwrap().baseline;
    let expected = r#"seed: 0
cases: 100
deviations:
- check: elementwise/floor_divide::value
  cause: wrong-value
  dtypes: [float32]
  kinds: [one off]
  reason: "rounds"
- check: elementwise/floor_divide::value
  cause: wrong-value
  dtypes: [int8]
  kinds: [NaN for a number, one off]
  reason: "rounds"
  intermittent: true
"#;
    assert_eq!(entries(&updated), expected);
    assert!(runs.iter().all(|run| judge(run, &updated).is_open()), "the gate is open for each of the runs");
    assert_eq!(entries(&updated.updated(&runs, Level::Must).unwrap().baseline), expected, "an update without news changes nothing");
    // A deviation that no run shows stays, because no run was like that of the entry.
    let later = updated.updated(&[run(5, &[])], Level::Must).unwrap().baseline;
    assert_eq!(entries(&later), expected);

    let mut other = run(3, OFF);
    other.header.backend.version = "2.5".to_owned();
    let error = old.updated(&[run(0, OFF), other], Level::Must).unwrap_err().to_string();
    assert!(error.contains("numpy 2.4") && error.contains("numpy 2.5"), "{error}");
}

#[test]
fn an_intermittent_entry_without_kinds_stays_without_kinds() {
    let text = "seed: 0\ncases: 100\ndeviations:\n- {check: fft/irfft::value/no-elements, cause: wrong-value, reason: memory, intermittent: true}\n";
    let of = |cells: Cells<'_>| results(0, 100, vec![check("fft/irfft::value/no-elements", cells)]);
    let unmet = parse(text).updated(&[of(&[("complex64", &[])])], Level::Must).unwrap();
    assert_eq!((entries(&unmet.baseline), unmet.stale.len()), (entries(&parse(text)), 0));
    let met = parse(text).updated(&[of(&[("complex64", NAN), ("complex128", &[])])], Level::Must).unwrap().baseline;
    assert_eq!(met.deviations[0].dtypes, ["complex64"]);
    assert_eq!((&met.deviations[0].kinds, met.deviations[0].intermittent), (&KnownKinds::Any, true));
}

#[test]
fn long_lists_are_broken_and_read_back() {
    let pairs: Vec<String> = (0..40).map(|i| if i % 2 == 0 { "int8+uint16".to_owned() } else { "uint8+float64".to_owned() }).collect();
    let mut baseline = parse(FLOAT32);
    baseline.deviations[0].dtypes = pairs;
    let text = baseline.to_yaml("numpy");
    assert!(text.lines().all(|line| line.len() <= 150) && text.lines().count() > 10, "{text}");
    assert_eq!(parse(&text).deviations[0].dtypes, baseline.deviations[0].dtypes);
}

/// The standard's checks of `floor`. The named ones deviate.
fn floor_with(deviating: &[&str]) -> Vec<Check> {
    let glob = "elementwise/floor::*".parse().unwrap();
    let ids = of_glob(&glob, &results(0, 1, Vec::new()).header);
    assert!(ids.len() > 3, "{ids:?}");
    let cells = |id: &CheckId| if deviating.contains(&id.to_string().as_str()) { OFF } else { &[] };
    ids.iter().map(|id| check(&id.to_string(), &[("float32", cells(id))])).collect()
}

#[test]
fn an_entry_may_name_several_checks_and_any_cause() {
    let known = parse("cases: 100\ndeviations:\n- check: elementwise/floor::*\n  reason: it is on the list\n");
    let judged = |deviating: &[&str]| judge(&results(0, 100, floor_with(deviating)), &known);
    let one = judged(&["elementwise/floor::value"]);
    assert!(one.is_open() && one.known.len() == 1, "{one:?}");
    assert!(judged(&["elementwise/floor::value", "elementwise/floor::dtype"]).is_open());
    let none = judged(&[]);
    assert_eq!(
        none.stale[0].to_string(),
        "elementwise/floor::* (any cause) is in the baseline but did not occur: remove the entry (known.yaml, lines 3 to 4), or update the baseline"
    );
    let part = judge(&results(0, 100, floor_with(&[])[1..].to_vec()), &known);
    assert!(part.is_open(), "a check that did not run may deviate: {part:?}");
    let other = judge(&results(0, 100, vec![check("elementwise/ceil::value", &[("float32", OFF)])]), &known);
    assert_eq!(other.unexpected.len(), 1);
}

#[test]
fn an_update_says_exactly_what_an_entry_on_several_checks_excused() {
    let known = parse("cases: 100\ndeviations:\n# from the list\n- check: elementwise/floor\n  reason: it is on the list\n");
    let updated =
        known.updated(&[results(0, 100, floor_with(&["elementwise/floor::value", "elementwise/floor::dtype"]))], Level::Must).unwrap();
    let one = |property: &str| {
        format!(
            "- check: elementwise/floor::{property}\n  cause: wrong-value\n  dtypes: [float32]\n  kinds: [one off]\n  reason: \"it is on the list\"\n"
        )
    };
    assert_eq!(entries(&updated.baseline), format!("seed: 0\ncases: 100\ndeviations:\n# from the list\n{}{}", one("dtype"), one("value")));
    let stale = known.updated(&[results(0, 100, floor_with(&[]))], Level::Must).unwrap();
    assert_eq!((stale.baseline.deviations.len(), stale.stale.len()), (0, 1));
    let part = known.updated(&[results(0, 100, floor_with(&[])[1..].to_vec())], Level::Must).unwrap();
    assert_eq!(entries(&part.baseline), entries(&known), "it stays where not all of its checks ran");
}

#[test]
fn a_name_that_takes_no_check_is_an_error_with_the_nearest_one() {
    for (name, meant) in [
        ("elementwise/flor", "elementwise/floor"),
        ("elementwise/flor::value", "elementwise/floor::value"),
        ("elementwise/floor::valu*", ""),
        ("elementwise/floor::vale*", "elementwise/floor::value"),
        ("consumers/scikit-learn/PCA.full::call", ""),
        ("consumers/scikit-learn/*::call", ""),
        ("consumers/scikit-learn/PCA.ful::call", "consumers/scikit-learn/PCA.full::call"),
    ] {
        let text = format!("deviations:\n- check: {name:?}\n  reason: x\n");
        match (Baseline::parse("known.yaml", &text), meant) {
            (Ok(_), "") => {}
            (Err(error), meant) => assert_eq!(
                error.to_string(),
                format!("read the baseline known.yaml, line 2: there is no check `{name}`; did you mean `{meant}`?")
            ),
            (Ok(read), _) => panic!("{read:?}"),
        }
    }
}

#[test]
fn what_is_nested_without_end_is_refused_at_once() {
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "deviations: ".to_owned() + &"{a: [".repeat(50_000), " ".repeat(9_000) + "- a"]
    {
        let why = Baseline::parse("mine.yaml", &text).unwrap_err().to_string();
        assert!(why.starts_with("read the baseline mine.yaml: ") && why.contains("nested"), "{why}");
    }
    let reason = format!("deviations:\n- check: elementwise/abs::call\n  cause: raised\n  reason: '{}'\n", "array([[1.0, ".repeat(1_000));
    assert!(Baseline::parse("mine.yaml", &reason).is_ok(), "brackets in a text are no nesting");
}

#[test]
fn an_entry_speaks_of_some_runs_and_until_a_day() {
    let entry = |more: &str| format!("seed: 0\ncases: 100\ndeviations:\n- check: {VALUE}\n  cause: wrong-value\n  reason: x\n{more}");
    let deviating = || results(0, 100, vec![check(VALUE, &[("float64", OFF)])]);
    let open = |more: &str, run: &Results| {
        let applying = parse(&entry(more)).applying(run, Revision::NEWEST);
        judge(run, &applying).unexpected.is_empty()
    };
    assert!(open("  when: {version: '2.4*'}\n", &deviating()) && !open("  when: {version: '2.3*'}\n", &deviating()));
    assert!(!open("  when: {version: '2.4*', device: 'cuda*'}\n", &deviating()), "all parts have to match");
    let mut on_gpu = deviating();
    on_gpu.header.backend.devices = vec!["cpu".to_owned(), "cuda:0".to_owned()];
    assert!(!open("  when: {device: 'cuda*'}\n", &on_gpu) && open("  when: {device: cpu}\n", &on_gpu), "the default device is the first");
    on_gpu.header.options.insert("device".to_owned(), "cuda:0".to_owned());
    assert!(open("  when: {device: 'cuda*'}\n", &on_gpu) && !open("  when: {device: cpu}\n", &on_gpu));
    assert!(open(&format!("  when: {{revision: '{}'}}\n", Revision::NEWEST.word()), &deviating()));
    let on = |day: &str| {
        let mut run = deviating();
        run.footer.finished = Some(format!("{day}T12:00:00Z"));
        run
    };
    let until = "  expires: '2027-01-31'\n";
    assert!(open(until, &on("2027-01-31")) && !open(until, &on("2027-02-01")) && open(until, &deviating()));
    for (more, why) in [("  expires: soon\n", "`expires: soon` is no day"), ("  when: {weather: fine}\n", "unknown field `weather`")] {
        let error = Baseline::parse("known.yaml", &entry(more)).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    // An update keeps what the entry says of runs, and leaves entries on other runs alone.
    let kept = |more: &str| entries(&parse(&entry(more)).updated(&[deviating()], Level::Must).unwrap().baseline);
    assert!(
        kept("  when: {version: \"2.4*\"}\n  expires: \"2027-01-31\"\n")
            .contains("  when: {version: \"2.4*\"}\n  expires: \"2027-01-31\"\n")
    );
    let both = kept("  when: {version: \"2.3*\"}\n");
    assert!(both.contains("when: {version: \"2.3*\"}") && both.matches("- check:").count() == 2, "{both}");
}

/// A baseline as a person keeps it: comments everywhere, keys in another order, quotes where none are needed.
const KEPT: &str = "\
# Ours.
seed: 0
cases: 100   # as in CI

deviations:
# -- Powers --------------------------------

# Since 1.2.
- check: elementwise/pow::value   # see the docs
  reason: 'rounds'                # asked upstream
  cause: wrong-value
  # all kinds
  dtypes: [float64, float32]

- check: elementwise/floor_divide::value
  cause: wrong-value
  dtypes: [float32]
  kinds: [one off]
  reason: \"rounds\"
  # the last word

# -- Sets ----------------------------------
- {check: set/isin::value, cause: wrong-value, reason: ignored}
- check: set/isin::present
  cause: missing-name
  reason: \"unwanted\"
# The end.
";

/// What an update makes of the text of a baseline, if a run gave these checks.
fn edited(text: &str, checks: Vec<Check>) -> String {
    let before = parse(text);
    before.updated(&[results(0, 100, checks)], Level::Must).unwrap().edited(&before, "known.yaml", Some(text), "numpy")
}

/// The lines that only one of two texts has, as a diff shows them.
fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    // The number of lines that the rests of both texts have in common.
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            out.push_str(&format!("-{}\n", old[i]));
            i += 1;
        } else {
            out.push_str(&format!("+{}\n", new[j]));
            j += 1;
        }
    }
    out
}

#[test]
fn an_update_touches_only_the_lines_of_what_changed() {
    let pow = || check("elementwise/pow::value", &[("float32", OFF), ("float64", OFF)]);
    let divide = || check(VALUE, &[("float32", OFF)]);
    let isin = || check("set/isin::value", &[("int8", OFF)]);
    assert_eq!(edited(KEPT, vec![]), KEPT, "what did not run stays");

    let narrower = edited(KEPT, vec![check("elementwise/pow::value", &[("float32", OFF), ("float64", &[])]), divide()]);
    assert_eq!(diff(KEPT, &narrower), "-  dtypes: [float64, float32]\n+  dtypes: [float32]\n");

    let without = edited(KEPT, vec![pow(), check(VALUE, &[("float32", &[])])]);
    let gone: String = KEPT.lines().skip(14).take(6).map(|line| format!("-{line}\n")).collect();
    assert_eq!(diff(KEPT, &without), gone, "its own comment goes with it, the heading stays");

    let more =
        edited(KEPT, vec![check("elementwise/add::value", &[("int8", OFF)]), pow(), check(VALUE, &[("float32", OFF), ("int8", OFF)])]);
    let entry = |name: &str| {
        format!(
            "+- check: elementwise/{name}::value\n+  cause: wrong-value\n+  dtypes: [int8]\n+  kinds: [one off]\n+  reason: \"not yet explained\"\n"
        )
    };
    assert_eq!(diff(KEPT, &more), format!("{}{}", entry("add"), entry("floor_divide")));
    let (add, pow_at) = (more.find("elementwise/add").unwrap(), more.find("elementwise/pow").unwrap());
    assert!(add < pow_at && more.find("the last word").unwrap() < more.rfind("not yet").unwrap(), "{more}");

    // An entry in braces is written anew if it changes; what an update says twice changes nothing.
    let narrowed = edited(KEPT, vec![pow(), divide(), isin()]);
    assert!(narrowed.contains(
        "- check: set/isin::value\n  cause: wrong-value\n  dtypes: [int8]\n  kinds: [one off]\n  reason: \"ignored\"\n- check: set/isin::present\n"
    ));
    assert_eq!(edited(&narrowed, vec![pow(), divide(), isin()]), narrowed);

    let windows = KEPT.replace('\n', "\r\n");
    assert_eq!(edited(&windows, vec![pow(), check(VALUE, &[("float32", &[])])]), without.replace('\n', "\r\n"));
}

#[test]
fn a_baseline_that_becomes_empty_is_one_that_can_grow_again() {
    let one = "seed: 0\ncases: 100\ndeviations:\n- check: elementwise/floor_divide::value\n  cause: wrong-value\n  dtypes: [float32]\n  kinds: [one off]\n  reason: \"not yet explained\"";
    let empty = edited(one, vec![check(VALUE, &[("float32", &[])])]);
    assert_eq!(empty, "seed: 0\ncases: 100\ndeviations: []\n");
    assert_eq!(edited(&empty, vec![check(VALUE, &[("float32", OFF)])]), format!("{one}\n"));
    let two = edited(one, vec![check("elementwise/pow::value", &[("int8", OFF)])]);
    assert!(two.starts_with(&format!("{one}\n- check: elementwise/pow::value\n")), "{two}");
}

#[test]
fn entries_of_another_file_are_not_copied() {
    let base = Baseline::parse("base.yaml", KEPT).unwrap();
    let own = "seed: 0\ncases: 100\ndeviations: []\n";
    let mut both = base.clone();
    both.overlay(parse(own));
    let pow = check("elementwise/pow::value", &[("float32", OFF), ("float64", &[])]);
    let update = both.updated(&[results(0, 100, vec![pow, check(VALUE, &[("float32", &[])])])], Level::Must).unwrap();
    let text = update.edited(&both, "known.yaml", Some(own), "numpy");
    let changed = "- check: elementwise/pow::value\n  cause: wrong-value\n  dtypes: [float32]\n  reason: \"rounds\"\n";
    assert_eq!(text, format!("seed: 0\ncases: 100\ndeviations:\n{changed}"), "the changed entry overrides the one of the other file");
    let stale: Vec<String> = update.stale_elsewhere("known.yaml").iter().map(|known| known.check.to_string()).collect();
    assert_eq!(stale, [VALUE], "what no longer occurs can only be removed there");
}
