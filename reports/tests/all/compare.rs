//! Two runs compared.

use crate::sample::{self, cell, check, failing, finish, info, with};
use array_assay_format::{Accuracy, Cause, Cell, Check, FunctionTime, Level, Results, Revision, UlpAccuracy, Verdict};
use array_assay_reports::{Comparison, compare};

fn run(checks: Vec<Check>) -> Results {
    finish(info("numpy"), checks)
}

fn passing(name: &str) -> Check {
    with(check("elementwise", name, "value", "says"), vec![cell("float32"), cell("float64")])
}

fn broken(name: &str, dtypes: &[&str]) -> Check {
    let of = |d: &&str| if dtypes.contains(d) { failing(d, Cause::WrongValue, "f(1.0)", "0.0", "1.0") } else { cell(d) };
    with(check("elementwise", name, "value", "says"), ["float32", "float64"].iter().map(of).collect())
}

fn of(verdict: Verdict, name: &str) -> Check {
    with(check("elementwise", name, "value", "says"), vec![Cell { verdict, ..cell("float32") }])
}

fn ids(changes: &[array_assay_reports::Change]) -> Vec<&str> {
    changes.iter().map(|change| change.id.function.as_str()).collect()
}

#[test]
fn each_change_has_its_list() {
    let old = run(vec![
        broken("fixed", &["float32"]),
        passing("broken"),
        passing("crashes"),
        broken("worse", &["float32"]),
        passing("lost"),
        broken("lost-too", &["float32"]),
        passing("vanished"),
        passing("same"),
        broken("same-too", &["float32"]),
        passing("blocked"),
    ]);
    let new = run(vec![
        passing("fixed"),
        broken("broken", &["float32", "float64"]),
        of(Verdict::Crash, "crashes"),
        of(Verdict::Timeout, "worse"),
        of(Verdict::Missing, "lost"),
        of(Verdict::Missing, "lost-too"),
        passing("appeared"),
        broken("appeared-broken", &["float32"]),
        passing("same"),
        broken("same-too", &["float32"]),
        of(Verdict::Blocked, "blocked"),
    ]);
    let comparison = compare(&old, &new);
    assert_eq!(ids(&comparison.fixed), ["fixed"]);
    assert_eq!(ids(&comparison.broken), ["broken"]);
    assert_eq!(ids(&comparison.new_crashes), ["crashes", "worse"]);
    assert_eq!(ids(&comparison.newly_missing), ["lost", "lost-too"]);
    assert_eq!(ids(&comparison.appeared), ["appeared", "appeared-broken"]);
    assert_eq!(ids(&comparison.vanished), ["vanished"]);
    assert_eq!(ids(&comparison.other), ["blocked"]);
    assert!(comparison.regressions());
    let text = comparison.to_string();
    for line in [
        "broken: 1 check",
        "  elementwise/broken::value  must  pass -> fail  wrong-value",
        "not compared: 1 check only in the old run, 2 checks only in the new run (1 of them deviating), dtypes of 5 checks only in one run: the headers of the files do not say why",
    ] {
        assert!(text.lines().any(|l| l == line), "no line {line:?} in\n{text}");
    }
    assert_eq!(comparison.compared, 9);
}

#[test]
fn what_one_run_has_alone_is_no_change_and_is_said() {
    let (mut old, mut new) = (run(vec![passing("f"), passing("g"), passing("h")]), run(vec![passing("f")]));
    new.header.options.insert("select".to_owned(), "elementwise/f".to_owned());
    let text = compare(&old, &new).to_string();
    assert!(text.contains("not compared: 2 checks only in the old run: the new run has --select elementwise/f\n"), "{text}");
    assert!(text.contains("\nnothing changed among the 1 check that both runs have\n"), "{text}");

    // A dtype that only one run judged says nothing of the other.
    old = run(vec![broken("f", &["float64"])]);
    new = run(vec![with(check("elementwise", "f", "value", "says"), vec![cell("float32")])]);
    new.header.options.insert("dtype".to_owned(), "float32".to_owned());
    for (a, b) in [(&old, &new), (&new, &old)] {
        let comparison = compare(a, b);
        assert!(comparison.fixed.is_empty() && comparison.broken.is_empty(), "{comparison}");
        assert_eq!((comparison.compared, comparison.other_dtypes), (1, 1));
        assert!(comparison.to_string().contains("dtypes of 1 check only in one run"), "{comparison}");
    }
}

#[test]
fn cells_that_differ_in_since_alone_are_two() {
    let later = Cell { since: Some(Revision::V2024_12), ..failing("", Cause::Signature, "f(1.0)", "f(n)", "f(n, dtype)") };
    let signature = || run(vec![with(check("fft", "fftfreq", "signature", "says"), vec![cell(""), later.clone()])]);
    assert_eq!(compare(&signature(), &signature()).to_string(), "nothing changed\n");
}

#[test]
fn another_kind_of_deviation_is_a_change() {
    let of = |kind: &str| {
        let kinds = [(Cause::WrongValue, [(kind.to_owned(), 3)].into())].into();
        let failed = Cell { kinds, ..failing("float32", Cause::WrongValue, "f(1.0)", "0.0", "1.0") };
        run(vec![with(check("elementwise", "f", "value", "says"), vec![failed])])
    };
    assert_eq!(ids(&compare(&of("one off"), &of("NaN for a number")).other), ["f"]);
    assert_eq!(compare(&of("one off"), &of("one off")).to_string(), "nothing changed\n");
}

#[test]
fn a_check_that_fails_in_other_dtypes_than_before_has_changed() {
    let comparison = compare(&run(vec![broken("f", &["float32"])]), &run(vec![broken("f", &["float64"])]));
    assert_eq!(comparison.broken[0].cells, ["float64"]);
    assert_eq!(comparison.fixed[0].cells, ["float32"]);
    assert!(comparison.regressions());
    assert!(comparison.to_string().contains("elementwise/f::value  must  fail  wrong-value  float64"));
}

#[test]
fn what_appears_or_is_of_quality_is_no_regression() {
    let quality = |check: Check| Check { level: Level::Quality, ..check };
    let old = run(vec![quality(passing("q"))]);
    let new = run(vec![quality(broken("q", &["float32"])), broken("appeared", &["float32"])]);
    let comparison = compare(&old, &new);
    assert_eq!(ids(&comparison.broken), ["q"]);
    assert!(!comparison.regressions());
    assert!(comparison.to_string().contains("no regressions"));
}

#[test]
fn the_same_runs_differ_in_nothing_and_other_seeds_are_named() {
    let results = sample::run("compat:torch");
    let same = compare(&results, &results);
    assert_eq!(same, Comparison { compared: results.checks.len(), ..Comparison::default() });
    assert_eq!(compare(&results, &results).to_string(), "nothing changed\n");
    let mut other = results.clone();
    other.header.seed = 7;
    other.header.backend.version = "2.12.0".to_owned();
    let notes = compare(&results, &other).notes;
    assert_eq!(notes[..2], ["version: 2.11.0 -> 2.12.0", "seed: 0 -> 7"]);
    assert!(notes[2].contains("a rare deviation may seem fixed"), "{notes:?}");
}

#[test]
fn checks_that_vanish_without_a_reason_are_a_regression() {
    let (old, mut new) = (run(vec![passing("f"), passing("g")]), run(vec![passing("f")]));
    let comparison = compare(&old, &new);
    assert!(comparison.regressions());
    let text = comparison.to_string();
    assert!(text.contains("\nvanished: 1 check\n  elementwise/g::value  must  pass\n") && !text.contains("nothing changed"), "{text}");
    new.header.options.insert("select".to_owned(), "elementwise/f".to_owned());
    assert!(!compare(&old, &new).regressions(), "the new run was asked for less");
}

#[test]
fn accuracy_that_changed_by_more_than_two_ulp_is_told() {
    let of = |errors: [f64; 3]| {
        let names = ["same", "worse", "better"];
        let checks = names.iter().zip(errors).map(|(name, max_ulp)| {
            let accuracy = UlpAccuracy { max_ulp, mean_ulp: 0.1, worst: Some(format!("{name}(1.5)")), limit: Some(100.0) };
            with(check("elementwise", name, "value", "says"), vec![Cell { accuracy: Some(Accuracy::Ulp(accuracy)), ..cell("float32") }])
        });
        run(checks.collect())
    };
    let comparison = compare(&of([f64::INFINITY, 0.5, 9.0]), &of([f64::INFINITY, 4.0, 1.0]));
    assert!(!comparison.regressions(), "accuracy within the limit is no deviation");
    let text = comparison.to_string();
    let expected = "\nless accurate: 1 cell\n  elementwise/worse::value  float32  0.50 -> 4.00 ULP  at worse(1.5)\n\
                    \nmore accurate: 1 cell\n  elementwise/better::value  float32  9.00 -> 1.00 ULP  at better(1.5)\n";
    assert!(text.starts_with(expected), "{text}");
    assert!(!compare(&of([1.0, 0.5, 2.0]), &of([2.9, 2.5, 0.6])).to_string().contains("accurate"), "2 ULP are nothing");
}

#[test]
fn calls_that_became_slower_than_all_others_are_told() {
    let of = |times: &[(&str, f64)], seed: u64| {
        let mut run = run(vec![passing("f")]);
        let time = |seconds: f64| FunctionTime { calls: 100, wall_s: 2.0 * seconds, cpu_s: Some(seconds) };
        run.footer.functions = times.iter().map(|(name, seconds)| ((*name).to_owned(), time(*seconds))).collect();
        run.header.seed = seed;
        run
    };
    let old = of(&[("a/e", 0.01), ("a/f", 0.01), ("a/g", 0.02), ("a/h", 0.01), ("a/i", 0.001)], 0);
    // All calls take three times as long: another machine. Those of `g` take nine times as long; `i` is too quick to tell.
    let new = of(&[("a/e", 0.03), ("a/f", 0.03), ("a/g", 0.18), ("a/h", 0.03), ("a/i", 0.006)], 0);
    let comparison = compare(&old, &new);
    assert_eq!(comparison.times.iter().map(|change| change.function.as_str()).collect::<Vec<_>>(), ["a/g"]);
    let text = comparison.to_string();
    assert!(text.contains("pace: the calls of most functions take 3.0 times as long as in the old run"), "{text}");
    assert!(text.contains("\nslower: 1 function\n  a/g  200 µs -> 600 µs a call\n"), "{text}");
    assert!(!comparison.regressions());
    assert!(compare(&new, &old).to_string().contains("\nfaster: 1 function\n"));
    assert!(compare(&old, &of(&[("a/f", 0.01), ("a/g", 0.2)], 1)).times.is_empty(), "other cases take other times");
}

#[test]
fn a_comparison_for_a_pull_request_folds_its_lists() {
    let old = run(vec![passing("broken"), broken("fixed", &["float32"]), passing("same")]);
    let new = run(vec![broken("broken", &["float32"]), passing("fixed"), passing("same")]);
    insta::assert_snapshot!(compare(&old, &new).markdown());
    assert_eq!(compare(&old, &old).markdown(), "**Array API:** nothing changed\n");
    let names: Vec<String> = (0..60).map(|i| format!("f{i:02}")).collect();
    let all = |of: fn(&str) -> Check| run(names.iter().map(|name| of(name)).collect());
    let text = compare(&all(passing), &all(|name| broken(name, &["float32"]))).markdown();
    assert!(text.contains("- … and 10 more\n"), "{text}");
}
