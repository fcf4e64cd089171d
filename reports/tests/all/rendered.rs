//! Reports as people read them, in full: snapshots, which `INSTA_UPDATE=always cargo test -p array-assay-reports` writes anew.

use std::collections::BTreeMap;

use crate::sample::{self, cell, check, finish, info, with};
use array_assay_format::{Accuracy, Cell, CheckId, Results, Verdict};
use array_assay_reports::{bug_report, markdown, summary};

fn none(_: &CheckId) -> bool {
    false
}

/// The text of a page of the site of the sample.
fn page(results: &[Results], path: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    sample::site(results, folder.path()).unwrap();
    std::fs::read_to_string(folder.path().join(path)).unwrap()
}

/// What lies between two marks, a tag a line.
fn fragment(page: &str, from: &str, to: &str) -> String {
    let at = page.find(from).unwrap_or_else(|| panic!("no {from} in {page}"));
    let end = page[at..].find(to).unwrap_or_else(|| panic!("no {to} after {from}"));
    page[at..at + end + to.len()].replace("><", ">\n<")
}

#[test]
fn the_summary_of_a_library_that_deviates() {
    insta::assert_snapshot!(summary(&sample::run("compat:torch"), &none, false));
}

#[test]
fn the_summary_of_a_library_that_lacks_much() {
    insta::assert_snapshot!(summary(&sample::run("ndarray"), &none, false));
}

#[test]
fn the_summary_where_all_deviations_are_known() {
    insta::assert_snapshot!(summary(&sample::run("compat:torch"), &|_| true, false));
}

#[test]
fn a_bug_report() {
    let torch = sample::run("compat:torch");
    let check = torch.checks.iter().find(|c| c.id.to_string() == "elementwise/atan2::special/x1-pos-zero-x2-neg-zero").unwrap();
    insta::assert_snapshot!(bug_report(&torch.header, check, None).unwrap());
}

#[test]
fn a_bug_report_on_one_dtype_with_a_note_and_a_doubt() {
    let mut torch = sample::run("compat:torch");
    let check = torch.checks.iter_mut().find(|c| c.id.to_string() == "elementwise/atan2::special/x1-pos-zero-x2-neg-zero").unwrap();
    check.doubt = Some("the sign of the zero is that of no limit".to_owned());
    for cell in &mut check.cells {
        if let Some(example) = &mut cell.counterexample {
            example.note = Some("only seen with reversed operands".to_owned());
        }
    }
    let check = check.clone();
    insta::assert_snapshot!(bug_report(&torch.header, &check, Some("float64")).unwrap());
    assert_eq!(bug_report(&torch.header, &check, Some("int8")), None, "there it does not deviate");
}

#[test]
fn the_table_for_a_pull_request() {
    let short = |backend: &str| {
        let mut run = sample::run(backend);
        run.checks.retain(|check| check.category == "sorting" || check.function == "atan2");
        finish(run.header.backend, run.checks)
    };
    insta::assert_snapshot!(markdown(&[short("numpy"), short("compat:torch")]));
}

#[test]
fn a_row_of_the_index() {
    let index = page(&sample::three(), "index.html");
    insta::assert_snapshot!(fragment(&index, "data-n=\"elementwise/atan2\"", "<tr"));
}

#[test]
fn a_deviation_on_the_page_of_its_function() {
    let atan2 = page(&sample::three(), "functions/elementwise/atan2.html");
    insta::assert_snapshot!(fragment(&atan2, "id=\"special/x1-pos-zero-x2-neg-zero\"", "id of the check"));
}

#[test]
fn the_errors_of_an_approximation() {
    let tan = page(&sample::three(), "functions/elementwise/tan.html");
    insta::assert_snapshot!(fragment(&tan, "<table class=\"cells picture\"", "</table>"));
}

#[test]
fn the_files_of_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let mut below: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in sample::site(&sample::three(), folder.path()).unwrap() {
        let path = path.strip_prefix(folder.path()).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        below.entry(path.parent().unwrap().display().to_string()).or_default().push(name);
    }
    let listed: Vec<String> = below.iter().map(|(folder, names)| format!("{folder}/: {}", names.join(" "))).collect();
    insta::assert_snapshot!(listed.join("\n"));
}

#[test]
fn a_dtype_that_the_library_has_by_name_alone_in_the_summary() {
    let excused = Cell { verdict: Verdict::Unsupported, note: Some("it has no operations on uint16".to_owned()), ..cell("uint16") };
    let accurate = Cell { accuracy: None::<Accuracy>, ..cell("float32") };
    insta::assert_snapshot!(summary(
        &finish(info("numpy"), vec![with(check("sorting", "sort", "value", "says"), vec![excused, accurate])]),
        &none,
        false
    ));
}
