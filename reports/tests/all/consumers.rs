//! The pages of consumers: an overview, and a page for each workload.

use std::collections::BTreeMap;

use array_assay_format::{Blocker, Cause, Check, ConsumerCase, ConsumerRecord, ReplayEnd, Results, Verdict};
use array_assay_reports::{Background, ClaimStanding, Claimed, Freedom, Leaning, RealConsumers, Really, ReportError};
use array_assay_spec::Spec;
use array_assay_spec::consumer::{Profile, profiles};
use serde_json::Value;

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
    let really = Really {
        workload: function.clone(),
        case: case.name.clone(),
        runs: false,
        says: "fails at base.py:7: <i>".to_owned(),
        reason: Some("another <version>".to_owned()),
    };
    let truth = BTreeMap::from([("lib".to_owned(), vec![really.clone()]), ("other".to_owned(), vec![really])]);
    let known = RealConsumers { truth, ..RealConsumers::default() };
    let background = Background::new(Spec::embedded(), Box::new(|| known));
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
    // On the other library the replay runs, and the consumer does not.
    assert_eq!(page.matches("<strong>The replay differs from the real run.</strong> another &lt;version&gt;").count(), 1, "{page}");
    // Each statement of the program is there, and the second that fails names the libraries.
    let rows: Vec<&str> = page.split("<tbody>").last().unwrap().split("<tr>").skip(1).collect();
    let of_case: usize = case.programs.last().map_or(0, |trace| trace.statements.len());
    assert_eq!(rows.len(), of_case);
    assert!(rows[3].contains("lib, polyfilled:lib"), "{}", rows[3]);
    assert!(!rows[4].contains("lib"), "{}", rows[4]);
}

#[test]
fn what_consumers_say_and_lean_on_stands_on_the_page_and_in_the_data() {
    let profile = &profiles().unwrap()[0];
    let function = profile.function();
    let claimed = |workload: &str, standing| Claimed {
        consumer: "scikit-learn 1.9.1".to_owned(),
        workload: workload.to_owned(),
        library: "lib".to_owned(),
        standing,
        says: "supported (<tag>)".to_owned(),
        really: format!("fails at base.py:7: <{workload}>"),
    };
    let leaning = |workload: &str, silent| Leaning { workload: workload.to_owned(), silent, says: "float64-20: another result".to_owned() };
    let freedom = |name: &str, leaning| Freedom { name: name.to_owned(), workloads: 90, leaning };
    let known = RealConsumers {
        claims: vec![
            claimed(&function, ClaimStanding::ClaimFails),
            claimed("scikit-learn/other", ClaimStanding::DenialRuns),
            claimed("scikit-learn/agreed", ClaimStanding::Agrees),
        ],
        freedoms: vec![
            freedom("linalg.qr/signs", vec![]),
            freedom("sum/order", vec![leaning(&function, true), leaning("scikit-learn/other", false)]),
        ],
        ..RealConsumers::default()
    };
    let background = Background::new(Spec::embedded(), Box::new(|| known));
    let sum = check("statistical", "sum", "call", "every legal call returns");
    let results = [run("lib", vec![replay(profile, vec![]), Check { verdict: Verdict::Fail, ..sum }])];
    let folder = tempfile::tempdir().unwrap();
    array_assay_reports::site::<ReportError>(given(&results), Some(&background), folder.path()).unwrap();
    let page = std::fs::read_to_string(folder.path().join("consumers.html")).unwrap();
    let claims = page.split("id=\"claims\"").nth(1).and_then(|rest| rest.split("id=\"freedoms\"").next()).unwrap();
    assert!(claims.contains("1 agrees; 1 claimed, and fails; 1 denied, and runs."), "{claims}");
    assert!(claims.contains("supported (&lt;tag&gt;)") && claims.contains("<td>claimed, and fails</td>"), "{claims}");
    assert!(!claims.contains("scikit-learn/agreed"), "only contradictions are listed: {claims}");
    assert_eq!(claims.matches("href=\"consumers/").count(), 1, "a workload with a page is a link: {claims}");
    let freedoms = page.split("id=\"freedoms\"").nth(1).unwrap();
    let (first, second) = (freedoms.find("sum/order").unwrap(), freedoms.find("linalg.qr/signs").unwrap());
    assert!(first < second && freedoms.contains("2 of 90</td><td class=\"n\">1</td>"), "{freedoms}");
    assert!(freedoms.contains("href=\"functions/statistical/sum.html\""), "{freedoms}");

    let read = |path: &str| -> Value { serde_json::from_str(&std::fs::read_to_string(folder.path().join(path)).unwrap()).unwrap() };
    let (data, schema) = (read("data/consumers.json"), read("data/schema.json"));
    crate::site::fits(&schema, &schema["$defs"]["consumers"], &data, "data/consumers.json");
    assert_eq!(data["claims"][0]["standing"], "claimed, and fails");
    assert_eq!(data["claims"][2]["disagrees"], false);
    assert_eq!(data["freedoms"][1]["leaning"][0]["silent"], true);
    assert_eq!(data["workloads"][&function]["lib"][0]["end"], "right");
}

#[test]
fn deviations_that_block_no_workload_are_counted() {
    let profile = &profiles().unwrap()[0];
    let failing =
        |category: &str, name: &str| Check { verdict: Verdict::Fail, ..check(category, name, "call", "every legal call returns") };
    let statement = &profile.cases[0].programs[0].statements[0];
    let blocker = Blocker {
        function: "sum".to_owned(),
        at: statement.at.clone(),
        via: None,
        statement: statement.text.clone(),
        cause: Cause::Raised,
        message: "no".to_owned(),
        check: None,
    };
    let replay = replay(profile, vec![blocker]);
    let results = [run("lib", vec![replay, failing("statistical", "sum"), failing("statistical", "prod"), failing("linalg", "svd")])];
    let folder = tempfile::tempdir().unwrap();
    array_assay_reports::site::<ReportError>(given(&results), None, folder.path()).unwrap();
    let page = std::fs::read_to_string(folder.path().join("consumers.html")).unwrap();
    assert!(page.contains("3 functions of the library deviate from the standard. 2 of them block no workload."), "{page}");
    let row = page.split("<code>sum</code>").nth(1).and_then(|rest| rest.split("</tr>").next()).unwrap();
    assert!(row.contains("<td class=\"n\">1</td>") && row.contains(&format!("<code>{}</code></a>", profile.function())), "{row}");
    let library = std::fs::read_to_string(folder.path().join("libraries/lib.html")).unwrap();
    assert!(
        library.contains("href=\"../consumers.html#impact-lib\">1 of 1 workloads of scikit-learn and SciPy meet a step that fails."),
        "{library}"
    );
    assert!(page.contains("id=\"impact-lib\""), "{page}");
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
