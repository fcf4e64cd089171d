//! The pages of consumers: an overview, and a page for each workload.

use std::collections::BTreeMap;

use array_assay_format::{Blocker, Cause, Check, ConsumerCase, ConsumerRecord, ReplayEnd, Results, Verdict};
use array_assay_reports::{Background, Really, ReportError};
use array_assay_spec::Spec;
use array_assay_spec::consumer::{Profile, profiles};

use crate::sample::{check, finish, given, info};

/// A replay of a profile's first case on a library, with these steps that fail.
fn replay(profile: &Profile, blockers: Vec<Blocker>) -> Check {
    let end = if blockers.is_empty() { ReplayEnd::Right } else { ReplayEnd::Blocked };
    let case =
        ConsumerCase { name: profile.cases[0].name.clone(), end, why: String::new(), statements: 9, leaves: BTreeMap::new(), blockers };
    let record =
        ConsumerRecord { version: profile.version.clone(), says: profile.says.clone(), face: "eager".to_owned(), cases: vec![case] };
    let verdict = if end == ReplayEnd::Right { Verdict::Pass } else { Verdict::Fail };
    Check { verdict, consumer: Some(Box::new(record)), ..check("consumers", &profile.function(), "call", "the workload runs") }
}

fn run(backend: &str, checks: Vec<Check>) -> Results {
    let mut of = info("numpy");
    of.name = backend.to_owned();
    finish(of, checks)
}

#[test]
fn a_workload_says_what_fails_where_with_polyfills_and_really() {
    let profile = &profiles().unwrap()[0];
    let (function, case) = (profile.function(), &profile.cases[0]);
    let statements = &case.programs[0].statements;
    let blocker = |at: usize| Blocker {
        function: "sum".to_owned(),
        at: statements[at].at.clone(),
        via: None,
        statement: statements[at].text.clone(),
        cause: Cause::Raised,
        message: format!("<b>no {at}"),
        check: (at == 2).then(|| "statistical/sum::call".parse().unwrap()),
    };
    let sum = check("statistical", "sum", "call", "every legal call returns");
    let results = [
        run("lib", vec![replay(profile, vec![blocker(2), blocker(3)]), sum]),
        run("polyfilled:lib", vec![replay(profile, vec![blocker(3)])]),
        run("other", vec![replay(profile, vec![])]),
    ];
    let really = Really { workload: function.clone(), case: case.name.clone(), runs: false, says: "fails at base.py:7: <i>".to_owned() };
    let truth = BTreeMap::from([("lib".to_owned(), vec![really])]);
    let background = Background { truth, ..Background::of(Spec::embedded()) };
    let folder = tempfile::tempdir().unwrap();
    let files = array_assay_reports::site::<ReportError>(given(&results), Some(&background), folder.path()).unwrap();

    let overview = std::fs::read_to_string(folder.path().join("consumers.html")).unwrap();
    let href = overview.split("href=\"consumers/").nth(1).and_then(|rest| rest.split('"').next()).expect("the overview has a link");
    let path = folder.path().join("consumers").join(href);
    assert!(files.contains(&path), "{href}");
    let page = std::fs::read_to_string(path).unwrap();
    for shown in ["fails at base.py:7: &lt;i&gt;", "&lt;b&gt;no 2", "With polyfills these steps fail:"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(page.contains("href=\"../functions/statistical/sum.html#call\""), "{page}");
    // Each statement of the program is there, and the second that fails names the libraries.
    let rows: Vec<&str> = page.split("<tbody>").last().unwrap().split("<tr>").skip(1).collect();
    let of_case: usize = case.programs.last().map_or(0, |trace| trace.statements.len());
    assert_eq!(rows.len(), of_case);
    assert!(rows[3].contains("lib, polyfilled:lib"), "{}", rows[3]);
    assert!(!rows[4].contains("lib"), "{}", rows[4]);
}

#[test]
fn the_two_modules_for_linear_algebra_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let results = [run("lib", vec![replay(&profiles().unwrap()[0], vec![])])];
    array_assay_reports::site::<ReportError>(given(&results), None, folder.path()).unwrap();
    let page = std::fs::read_to_string(folder.path().join("linalg.html")).unwrap();
    let rows = &array_assay_spec::consumer::linalg().unwrap().rows;
    assert_eq!(page.matches("<br><code>linalg.").count() + page.matches("<br><code>[").count(), rows.len());
    assert!(page.contains("<h2>singular matrices</h2>"));
    assert_eq!(page.matches(" in both</td>").count(), rows.iter().filter(|row| row.gives()[0] == row.gives()[1]).count());
}
