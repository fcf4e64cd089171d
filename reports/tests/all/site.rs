//! The site: what a reader finds, whatever a library printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::sample::site;
use crate::sample::{self, cell, check, failing, finish, info, with};
use array_assay_format::{Accuracy, Cause, Cell, ClauseRef, Level, Ratio, RatioAccuracy, Results, Revision, Verdict};
use array_assay_reports::{Explanation, Input, ReportError};
use array_assay_spec::Spec;
use serde_json::Value;

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
        "libraries/numpy.html",
        "badges/numpy.svg",
        "data/functions.csv",
        "functions/elementwise/atan2.json",
        "clauses/elementwise.html",
        "timeline.html",
        "compare.html",
        "llms.txt",
        "functions/elementwise/atan2.html",
        "functions/array/__add__.html",
    ] {
        assert!(paths.contains(&folder.join(name)), "{name}");
    }
}

#[test]
fn the_same_results_give_the_same_bytes_in_whatever_order() {
    let mut turned = sample::three();
    turned.reverse();
    assert!(files(&sample::three()) == files(&turned));
}

#[test]
fn every_relative_link_leads_somewhere() {
    let files = files(&sample::three());
    let mut links = 0;
    for (path, html) in files.iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "html")) {
        for href in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            if href.starts_with("data:") {
                continue;
            }
            if href.starts_with("https:") {
                // Every link to the standard is that of a page which exists.
                let exists = Spec::embedded().pages.has(href);
                assert!(exists != Some(false) || href.ends_with("/latest/"), "{}: {href} is no page of the standard", path.display());
                continue;
            }
            let (file, anchor) = href.split_once('#').map_or((href, None), |(file, anchor)| (file, Some(anchor)));
            let mut target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            while let Some(up) = target.iter().position(|part| part == "..") {
                target = target.iter().enumerate().filter(|(i, _)| *i != up && i + 1 != up).map(|(_, part)| part).collect();
            }
            let there = files.get(&target).unwrap_or_else(|| panic!("{}: {href} leads nowhere", path.display()));
            if let Some(anchor) = anchor {
                let anchor = anchor.replace("&#x2F;", "/");
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
        for forbidden in ["<script>alert", "<img src=x", "href=\"javascript:", "\x1b", "\u{202e}"] {
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
        html.split("data-n=\"statistical/sum\"").nth(1).unwrap().split("<tr").next().unwrap().to_owned()
    };
    assert!(row("index-2021.12.html").contains("td class=\"f"), "{}", row("index-2021.12.html"));
    assert!(!row("index.html").contains("td class=\"f"), "{}", row("index.html"));
    assert!(!page(&files, "index-2021.12.html").contains("data-n=\"elementwise/nextafter\""));
}

#[test]
fn what_was_not_judged_does_not_pass() {
    let files = files(&sample::three());
    let row = page(&files, "index.html").split("data-n=\"statistical/sum\"").nth(1).unwrap().split("<tr").next().unwrap();
    assert!(row.contains("td class=\"b\""), "{row}");
    let sum = page(&files, "functions/statistical/sum.html");
    assert!(
        sum.contains(
            "not judged, because this fails: <a href=\"../../functions/elementwise/round.html#value\">elementwise/round::value</a>"
        )
    );
}

#[test]
fn a_doubtful_clause_is_a_question_and_no_accusation() {
    let files = files(&sample::three());
    let expm1 = page(&files, "functions/elementwise/expm1.html");
    assert!(expm1.contains("A question to the standard."));
    assert!(!expm1.contains("class=\"found deviates\""));
    let (before, questions) = page(&files, "questions.html").split_once("id=\"questions\"").unwrap();
    assert!(questions.contains("expm1::special/complex-a-zero-b-pos-zero"));
    assert!(!before.contains("expm1::special/complex-a-zero-b-pos-zero"), "it is no clause that nobody follows");
    let row = page(&files, "index.html").split("data-n=\"elementwise/expm1\"").nth(1).unwrap().split("<tr").next().unwrap();
    assert!(!row.contains("class="), "it is not counted against anybody: {row}");
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
    assert!(tan.contains("<td class=\"over\"") && tan.contains("over the limit"));
    let report = found.split("class=\"report\"").nth(1).unwrap();
    assert!(report.contains("# torch: wrong-value in") && report.contains("- versions: torch 2.11.0"), "{report}");
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
        vec![explanation(Some(Cause::WrongValue), "It rounds `down`."), explanation(Some(Cause::Raised), "Of another cause.")]
    };
    let folder = tempfile::tempdir().unwrap();
    let inputs: Vec<Input<ReportError>> = results.iter().map(|results| Input::given(results, explain(results))).collect();
    array_assay_reports::site(inputs, None, folder.path()).unwrap();
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
    let add = read("functions/elementwise/add.html");
    assert_eq!(add.matches("It rounds <code>down</code>.").count(), 1, "libraries with the same reason share it");
    assert!(add.contains("<strong>Reason (a, b):</strong>") && !add.contains("javascript:") && !add.contains("Of another cause"));
    assert!(read("libraries/a.html").contains("It rounds <code>down</code>."));
}

#[test]
fn a_library_has_a_page_with_what_separates_it_from_each_revision() {
    let files = files(&[wrong_add("a:lib", "float32", "one off")]);
    let library = page(&files, "libraries/a-lib.html");
    for text in [
        "1 deviation in 1 function",
        "wrong-value",
        "add(1, 1)",
        "../functions/elementwise/add.html#value",
        "conform a:lib --seed 0 --cases 100",
    ] {
        assert!(library.contains(text), "{text} not in {library}");
    }
    assert!(page(&files, "index.html").contains("<a href=\"libraries/a-lib.html\">a:lib</a>"));
    assert!(library.contains("The shortest way to 2021.12 <span class=\"version\">1 function</span>"), "{library}");
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
    let table = svd.split("id=\"ratios\"").nth(1).unwrap().split("</section>").next().unwrap();
    let cells: Vec<&str> = table.split("<tbody>").nth(1).unwrap().split("<td").skip(1).collect();
    assert_eq!(cells.len(), 2, "{cells:?}");
    assert!(!cells[0].contains("over") && cells[0].contains(">1.50<") && cells[0].contains("worst for &lt;jordan&gt;, of 2,400 results"));
    assert!(cells[1].contains("class=\"over\"") && cells[1].contains(">∞<") && cells[1].contains("--bar:100%"), "{}", cells[1]);
}

/// Two versions of a library: the later one mends `add` on float32, and breaks it on float64.
fn two_versions() -> [Results; 2] {
    let (mut old, mut new) = (wrong_add("numpy==1.9.0", "float32", "one off"), wrong_add("numpy==1.10.0", "float64", "one off"));
    for (run, version) in [(&mut old, "1.9.0"), (&mut new, "1.10.0")] {
        run.header.backend.version = version.to_owned();
        let mut other = run.checks[0].cells[0].clone();
        other.dtype = if version == "1.9.0" { "float64" } else { "float32" }.to_owned();
        *run = finish(
            run.header.backend.clone(),
            vec![with(run.checks[0].clone(), vec![Cell { dtype: other.dtype, ..cell("") }, run.checks[0].cells[0].clone()])],
        );
    }
    [old, new]
}

#[test]
fn of_several_versions_the_newest_is_shown_and_a_page_says_what_each_changed() {
    let files = files(&two_versions());
    let index = page(&files, "index.html");
    assert!(index.contains("<span class=\"version\">1.10.0</span>") && !index.contains("1.9.0"), "1.10 is newer than 1.9");
    assert!(index.contains("href=\"versions/numpy.html\">2 versions</a>"));
    let versions = page(&files, "versions/numpy.html");
    assert!(versions.contains("1 fixed, 1 broken") && versions.contains("<polyline"), "{versions}");
    assert!(versions.contains("fail, wrong-value, float64") && versions.contains("fail, wrong-value, float32"), "{versions}");
    assert!(page(&files, "libraries/numpy.html").contains("href=\"../libraries/numpy-1.9.0.html\">1.9.0</a>"));
    assert!(page(&files, "functions/elementwise/add.html").contains("the same in all 2 versions"));
    let steps: Value = serde_json::from_str(page(&files, "data/versions.json")).unwrap();
    assert_eq!(steps["steps"][0]["changes"]["fixed"][0]["id"], "elementwise/add::value");
}

#[test]
fn a_feed_tells_what_changed_if_the_runs_say_when() {
    let mut runs = two_versions();
    assert!(!files(&runs).contains_key(Path::new("feed.xml")), "no time, no feed");
    runs[1].footer.finished = Some("2026-11-29T18:04:31Z".to_owned());
    let files = files(&runs);
    let feed = page(&files, "feed.xml");
    assert!(
        feed.contains("<title>numpy 1.9.0 → 1.10.0: 1 fixed, 1 broken</title>") && feed.contains("<updated>2026-11-29T18:04:31Z</updated>")
    );
    assert!(page(&files, "index.html").contains("application/atom+xml"));
}

#[test]
fn two_runs_of_one_version_are_two_columns() {
    let (old, mut new) = (sample::run("numpy"), sample::run("numpy"));
    new.header.seed = 1;
    let files = files(&[old, new]);
    let index = page(&files, "index.html");
    assert!(index.contains("data-key=\"numpy\"") && index.contains("data-key=\"numpy-2.4.1\""));
}

#[test]
fn a_later_report_removes_the_pages_that_it_does_not_have() {
    let folder = tempfile::tempdir().unwrap();
    site(&sample::three(), folder.path()).unwrap();
    std::fs::write(folder.path().join("functions/mine.txt"), "kept").unwrap();
    assert!(folder.path().join("libraries/compat-torch.html").exists());
    site(&[sample::run("numpy")], folder.path()).unwrap();
    assert!(!folder.path().join("libraries/compat-torch.html").exists() && !folder.path().join("badges/compat-torch.svg").exists());
    assert!(folder.path().join("libraries/numpy.html").exists() && folder.path().join("functions/mine.txt").exists());
}

#[test]
fn the_data_are_as_their_schema_says() {
    let files = files(&sample::three());
    let schema: Value = serde_json::from_str(page(&files, "data/schema.json")).unwrap();
    for (definition, path) in [
        ("libraries", "data/libraries.json"),
        ("functions", "data/functions.json"),
        ("gaps", "data/gaps.json"),
        ("function", "functions/elementwise/atan2.json"),
    ] {
        let data: Value = serde_json::from_str(page(&files, path)).unwrap();
        assert!(data["schema"].as_str().unwrap().ends_with(&format!("#/$defs/{definition}")));
        fits(&schema, &schema["$defs"][definition], &data, path);
    }
}

/// Asserts that a value is what a definition says, and has no member that the definition lacks.
pub fn fits(schema: &Value, definition: &Value, value: &Value, place: &str) {
    if let Some(name) = definition["$ref"].as_str() {
        return fits(schema, schema.pointer(&name[1..]).unwrap(), value, place);
    }
    if let Some(words) = definition["enum"].as_array() {
        return assert!(words.contains(value), "{place}: {value} is none of {words:?}");
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Number(number) if number.is_u64() && definition["type"] == "integer" => "integer",
        Value::Number(_) => "number",
    };
    let kinds = &definition["type"];
    assert!(kinds == kind || kinds.as_array().is_some_and(|kinds| kinds.iter().any(|k| k == kind)), "{place}: {value} is not {kinds}");
    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
        fits(schema, &definition["items"], item, &format!("{place}[{i}]"));
    }
    let Some(members) = value.as_object() else { return };
    for name in definition["required"].as_array().into_iter().flatten() {
        assert!(members.contains_key(name.as_str().unwrap()), "{place} lacks {name}");
    }
    for (name, member) in members {
        let of = definition["properties"].get(name).unwrap_or(&definition["additionalProperties"]);
        assert!(of.is_object(), "{place}: the schema lacks {name}");
        fits(schema, of, member, &format!("{place}.{name}"));
    }
}

#[test]
fn a_function_that_a_polyfill_gives_is_told_apart() {
    let present = |name: &str, verdict| {
        let mut check = check("elementwise", "add", "present", "the library has `add`");
        check.verdict = verdict;
        let mut info = info("numpy");
        info.name = name.to_owned();
        finish(info, vec![check])
    };
    let files = files(&[present("lib", Verdict::Missing), present("polyfilled:lib", Verdict::Pass)]);
    let row = page(&files, "index.html").split("data-n=\"elementwise/add\"").nth(1).unwrap().split("</tbody>").next().unwrap();
    assert!(row.contains("<td class=\"m\" aria-label=\"missing\">–<td class=\"y\" aria-label=\"polyfilled\">◐"), "{row}");
}

#[test]
fn a_page_stays_small_whatever_a_library_printed() {
    let long = "<b>x</b>".repeat(200_000);
    let mut failed = failing("float32", Cause::WrongValue, &long, &long, &long);
    failed.note = Some(long.clone());
    failed.counterexample.as_mut().unwrap().snippet = long.clone();
    let mut check = check("elementwise", "add", "value", &long);
    check.function = long.clone();
    let mut info = info("numpy");
    info.name = long.clone();
    let mut results = finish(info, vec![with(check, vec![failed])]);
    results.header.options.insert("select".to_owned(), long);
    for (path, text) in files(&[results]) {
        assert!(text.len() < 300_000, "{}: {} bytes", path.display(), text.len());
    }
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
