//! The site: what a reader finds, whatever a library printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::sample::{self, cell, check, failing, finish, info, with};
use array_assay_format::{Accuracy, Cause, Cell, ClauseRef, Level, Ratio, RatioAccuracy, Results, Revision};
use array_assay_reports::{Explanation, ReportError};

/// Writes the site of results of whose deviations nothing is known.
fn site(results: &[Results], out: &Path) -> Result<Vec<PathBuf>, ReportError> {
    array_assay_reports::site(results, &|_| Vec::new(), out)
}

/// The site's files by path.
fn files(results: &[Results]) -> BTreeMap<PathBuf, String> {
    let folder = tempfile::tempdir().unwrap();
    let paths = site(results, folder.path()).unwrap();
    assert_eq!(paths[0], folder.path().join("index.html"));
    paths.iter().map(|p| (p.strip_prefix(folder.path()).unwrap().to_owned(), std::fs::read_to_string(p).unwrap())).collect()
}

/// The page without its tags.
fn page<'f>(files: &'f BTreeMap<PathBuf, String>, path: &str) -> &'f str {
    files.get(Path::new(path)).unwrap_or_else(|| panic!("no page {path} among {:?}", files.keys()))
}

#[test]
fn the_sample_has_a_page_a_function_and_an_index_a_revision() {
    // Kept for people to look at.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("site");
    let paths = site(&sample::three(), &folder).unwrap();
    for name in [
        "index.html",
        "index-2021.12.html",
        "style.css",
        "site.js",
        "libraries/compat-torch.html",
        "functions/elementwise/atan2.html",
        "functions/array/__add__.html",
    ] {
        assert!(paths.contains(&folder.join(name)), "{name}");
    }
}

#[test]
fn the_same_results_give_the_same_bytes() {
    assert!(files(&sample::three()) == files(&sample::three()));
}

#[test]
fn every_relative_link_leads_somewhere() {
    let files = files(&sample::three());
    let mut links = 0;
    for (path, html) in files.iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "html")) {
        for href in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            if href.starts_with("https:") || href.starts_with("data:") {
                continue;
            }
            let (file, anchor) = href.split_once('#').map_or((href, None), |(file, anchor)| (file, Some(anchor)));
            let mut target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            while let Some(up) = target.iter().position(|part| part == "..") {
                target = target.iter().enumerate().filter(|(i, _)| *i != up && i + 1 != up).map(|(_, part)| part).collect();
            }
            let there = files.get(&target).unwrap_or_else(|| panic!("{}: {href} leads nowhere", path.display()));
            if let Some(anchor) = anchor {
                assert!(there.contains(&format!("id=\"{anchor}\"")), "{}: {href} has no anchor", path.display());
            }
            links += 1;
        }
    }
    assert!(links > 3000, "{links}");
}

#[test]
fn what_a_library_printed_is_text() {
    let attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x1b[2J\u{202e}";
    let mut backend = info("numpy");
    backend.name = attack.to_owned();
    backend.version = attack.to_owned();
    backend.language = attack.to_owned();
    backend.claims = vec![attack.to_owned()];
    let mut failed = failing("float32", Cause::WrongValue, attack, attack, attack);
    failed.device = attack.to_owned();
    failed.note = Some(attack.to_owned());
    failed.counterexample.as_mut().unwrap().snippet = attack.to_owned();
    let mut hostile = check("elementwise", "add", "special/x", "says");
    hostile.id.slug = Some(attack.to_owned());
    hostile.id.function = attack.to_owned();
    hostile.function = attack.to_owned();
    hostile.doubt = Some(attack.to_owned());
    hostile.clause = Some(ClauseRef { says: attack.to_owned(), url: "javascript:alert(3)".to_owned() });
    hostile.blocked_by = Some(hostile.id.clone());
    let mut results = finish(backend, vec![with(hostile, vec![failed, cell(attack)])]);
    results.header.options.insert("select".to_owned(), attack.to_owned());

    let files = files(&[results]);
    for (path, html) in files.iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "html")) {
        let scripts: Vec<&str> = html.split("<script").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
        assert_eq!(scripts.len(), 1, "{}: {scripts:?}", path.display());
        for forbidden in ["<script>alert", "<img", "href=\"javascript:", "\x1b", "\u{202e}"] {
            assert!(!html.contains(forbidden), "{}: {forbidden:?}", path.display());
        }
        // Text in an attribute cannot end it.
        assert!(!html.contains("\"'><img") && !html.contains("'&gt;&lt;img src=x onerror=alert(2)&gt;\\x1b[2J\">\""), "{}", path.display());
        assert!(path.iter().all(|part| part.to_str().unwrap().chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))));
    }
    assert!(page(&files, "index.html").contains("&lt;script&gt;alert(1)"), "the name shows as text");
}

#[test]
fn a_revision_is_judged_by_its_own_checks() {
    let files = files(&sample::three());
    // numpy follows the sum of 2023.12, and so not that of 2021.12.
    let row = |path: &str| {
        let html = page(&files, path);
        html.split("data-name=\"statistical/sum\"").nth(1).unwrap().split("</tr>").next().unwrap().to_owned()
    };
    assert!(row("index-2021.12.html").contains("td class=\"fail"), "{}", row("index-2021.12.html"));
    assert!(!row("index.html").contains("td class=\"fail"), "{}", row("index.html"));
    assert!(!page(&files, "index-2021.12.html").contains("data-name=\"elementwise/nextafter\""));
}

#[test]
fn what_was_not_judged_does_not_pass() {
    let files = files(&sample::three());
    let row = page(&files, "index.html").split("data-name=\"statistical/sum\"").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(row.contains("td class=\"blocked\""), "{row}");
    let sum = page(&files, "functions/statistical/sum.html");
    assert!(sum.contains("blocked by <a href=\"../../functions/elementwise/round.html#value\">elementwise/round::value</a>"));
}

#[test]
fn a_doubtful_clause_is_a_question_and_no_accusation() {
    let files = files(&sample::three());
    let expm1 = page(&files, "functions/elementwise/expm1.html");
    assert!(expm1.contains("A question to the standard."));
    assert!(!expm1.contains("class=\"found deviates\""));
    let index = page(&files, "index.html");
    let (before, questions) = index.split_once("id=\"questions\"").unwrap();
    assert!(questions.contains("expm1::special/complex-a-zero-b-pos-zero"));
    let row = before.split("data-name=\"elementwise/expm1\"").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(!row.contains("class=\"below\""), "it is not counted against anybody: {row}");
    assert!(!before.contains("expm1::special/complex-a-zero-b-pos-zero"), "it is no clause that nobody follows");
}

#[test]
fn a_deviation_shows_all_that_a_bug_report_needs() {
    let files = files(&sample::three());
    let atan2 = page(&files, "functions/elementwise/atan2.html");
    let found = atan2.split("id=\"special/x1-pos-zero-x2-neg-zero\"").nth(1).unwrap().split("<details class=\"check").next().unwrap();
    for text in [
        "is_pos_zero(x1) and is_neg_zero(x2)",
        "compat:torch",
        "wrong-value",
        "atan2(float32([0.0]), float32([-0.0]))",
        "array([0.0])",
        "3.1415927",
        "xp.atan2",
        "https://data-apis.org/",
    ] {
        assert!(found.contains(text), "{text} not in {found}");
    }
    let tan = page(&files, "functions/elementwise/tan.html");
    assert!(tan.contains("<svg") && tan.contains("class=\"over\""));
}

/// A run of a library whose `add` gives the wrong value on a dtype, in the way of `kind`.
fn wrong_add(name: &str, dtype: &str, kind: &str) -> Results {
    let mut failed = failing(dtype, Cause::WrongValue, "add(1, 1)", "2", "3");
    failed.kinds = BTreeMap::from([(Cause::WrongValue, BTreeMap::from([(kind.to_owned(), 1)]))]);
    finish(info(name), vec![with(check("elementwise", "add", "value", "says"), vec![failed])])
}

#[test]
fn libraries_that_deviate_alike_share_an_entry() {
    let found = |results: &[Results]| {
        let files = files(results);
        let add = page(&files, "functions/elementwise/add.html").to_owned();
        add.split("<div class=\"found").skip(1).map(|found| found.matches("class=\"member\"").count()).collect::<Vec<_>>()
    };
    let (a, b) = (wrong_add("a", "float32", "one off"), wrong_add("b", "float32", "one off"));
    assert_eq!(found(&[a.clone(), b.clone()]), [2], "one entry names both");
    assert_eq!(found(&[a.clone(), wrong_add("b", "float64", "one off")]), [2], "the dtypes stand beside the names");
    assert_eq!(found(&[a, wrong_add("b", "float32", "NaN for a number"), b]), [2, 1], "another kind of deviation is another entry");
}

#[test]
fn what_is_known_of_a_deviation_stands_beside_it() {
    let results = [wrong_add("a", "float32", "one off"), wrong_add("b", "float32", "one off")];
    let explain = |results: &Results| {
        let check = results.checks[0].id.clone();
        let explanation = |cause, reason: &str| Explanation {
            check: check.clone(),
            cause,
            reason: reason.to_owned(),
            link: Some("javascript:alert(1)".to_owned()),
        };
        vec![explanation(Cause::WrongValue, "It rounds `down`."), explanation(Cause::Raised, "Of another cause.")]
    };
    let folder = tempfile::tempdir().unwrap();
    array_assay_reports::site(&results, &explain, folder.path()).unwrap();
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
    let add = read("functions/elementwise/add.html");
    assert_eq!(add.matches("It rounds <code>down</code>.").count(), 1, "libraries with the same reason share it");
    assert!(add.contains("<strong>a, b</strong>") && !add.contains("javascript:") && !add.contains("Of another cause"));
    assert!(read("libraries/a.html").contains("It rounds <code>down</code>."));
}

#[test]
fn a_library_has_a_page_with_what_separates_it_from_each_revision() {
    let files = files(&[wrong_add("a:lib", "float32", "one off")]);
    let library = page(&files, "libraries/a-lib.html");
    for text in ["1 deviation in 1 function", "wrong-value", "add(1, 1)", "../functions/elementwise/add.html#value", "cases of each stream"]
    {
        assert!(library.contains(text), "{text} not in {library}");
    }
    assert!(page(&files, "index.html").contains("<a href=\"libraries/a-lib.html\">a:lib</a>"));
}

#[test]
fn ratios_of_graded_results_stand_against_their_threshold() {
    let ratio = |class: Option<&str>, max: f64| Ratio {
        what: "residual".to_owned(),
        class: class.map(str::to_owned),
        threshold: 30.0,
        count: 1200,
        max,
        mean: 0.25,
    };
    let graded = |dtype: &str, ratio: Vec<Ratio>| Cell { accuracy: Some(Accuracy::Ratio(RatioAccuracy { ratio })), ..cell(dtype) };
    let cells = vec![
        graded("float32", vec![ratio(Some("hilbert"), 0.5), ratio(Some("<jordan>"), 1.5)]),
        graded("float64", vec![ratio(None, 4000.0), ratio(Some("hilbert"), f64::INFINITY)]),
    ];
    let files = files(&[finish(info("numpy"), vec![with(check("linalg", "svd", "value/accuracy", "says"), cells)])]);
    let svd = page(&files, "functions/linalg/svd.html");
    let rows: Vec<&str> = svd.split("id=\"ratios\"").nth(1).unwrap().split("</section>").next().unwrap().split("<tr").skip(2).collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(!rows[0].contains("class=\"over\"") && rows[0].contains(">1.50<") && rows[0].contains("&lt;jordan&gt;: 1.50"), "{}", rows[0]);
    assert!(rows[0].matches("<circle").count() == 2 && rows[0].contains("class=\"limit\"") && rows[0].contains(">2,400<"));
    assert!(rows[1].contains("class=\"over\"") && rows[1].contains(">∞<") && rows[1].matches("beyond").count() == 2, "{}", rows[1]);
}

#[test]
fn two_versions_of_a_backend_are_two_columns() {
    let (old, mut new) = (sample::run("numpy"), sample::run("numpy"));
    new.header.backend.version = "2.5.0".to_owned();
    let files = files(&[old, new]);
    let index = page(&files, "index.html");
    assert!(index.contains("id=\"b1\"") && index.contains("id=\"b2\"") && index.contains("2.4.1") && index.contains("2.5.0"));
}

#[test]
fn a_backend_that_a_revision_did_not_judge_says_so() {
    let (mut old, new) = (sample::run("ndarray"), sample::run("numpy"));
    old.header.revisions = vec![Revision::V2021_12];
    old.checks.retain(|check| check.level == Level::Must);
    let files = files(&[old, new]);
    assert!(page(&files, "index.html").contains("not judged by 2025.12"));
}

#[test]
fn no_results_are_an_error() {
    assert!(matches!(site(&[], Path::new("nowhere")), Err(ReportError::Nothing)));
}
