//! What the standard lacks, in the reports.

use crate::sample::{self, cell, check, failing, finish, info, with};
use array_assay_format::{Cause, CheckId};
use array_assay_reports::{Gaps, Standing, gaps_markdown, proposal, summary};
use array_assay_spec::Spec;

fn none(_: &CheckId) -> bool {
    false
}

/// Results of a backend that has `median`, wrong on float32, and lacks `nanmax`.
fn judged() -> array_assay_format::Results {
    let of = |name: &str| sample::run("numpy").checks.into_iter().find(|c| c.id.to_string() == format!("gaps/{name}::present")).unwrap();
    let (median, mut nanmax) = (of("median"), of("nanmax"));
    nanmax.gap.as_mut().unwrap().native = None;
    let value = with(
        check("gaps", "median", "value", "the result is what the text says"),
        vec![failing("float32", Cause::WrongValue, "median(float32([1.0, 2.0]))", "1.0", "1.5"), cell("float64")],
    );
    let call = with(check("gaps", "median", "call", "every legal call returns"), vec![cell("float32")]);
    finish(info("numpy"), vec![median, call, value, nanmax])
}

#[test]
fn they_are_ranked_by_demand_and_stand_apart() {
    let gaps = Gaps::of(&[judged()]);
    let names: Vec<&str> = gaps.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["median", "nanmax"]);
    let Some(Standing::Native(median)) = &gaps.rows[0].standings[0] else { panic!("{gaps:?}") };
    assert_eq!((median.passed, median.judged, median.deviating.as_slice()), (1, 2, &["value".to_owned()][..]));
    assert_eq!(gaps.rows[1].standings[0], Some(Standing::Absent));
    assert_eq!(gaps.counts(0), [0, 1, 0, 1]);
    assert_eq!(Gaps::of(&sample::three()).rows[0].name, "bincount", "the one most in demand comes first");
}

#[test]
fn the_summary_counts_them_and_no_gate_does() {
    let text = summary(&judged(), &none, false);
    println!("{text}");
    assert!(text.contains("gaps of the standard (2): 1 in the library, 0 of them pass every check, 1 deviate, 1 absent"), "{text}");
    assert!(text.contains("  median  value") && text.contains("no unexpected deviation; 0 known"), "{text}");
    assert!(!text.contains("conform"), "nothing of the standard ran: {text}");
    let whole = summary(&sample::run("numpy"), &none, false);
    assert!(whole.contains("gaps of the standard (6)") && !whole.lines().any(|line| line.starts_with("gaps  ")), "{whole}");
}

#[test]
fn the_site_has_a_page_of_them() {
    let folder = tempfile::tempdir().unwrap();
    sample::site(&sample::three(), folder.path()).unwrap();
    let page = std::fs::read_to_string(folder.path().join("gaps.html")).unwrap();
    assert!(page.find("bincount(x, /").unwrap() < page.find("median(x, /").unwrap());
    assert!(page.contains("array-api#812") && page.contains("the length &lt;depends&gt; on the data"), "{page}");
    let index = std::fs::read_to_string(folder.path().join("index.html")).unwrap();
    assert!(index.contains("href=\"gaps.html\"") && !index.contains("functions/gaps/"), "{index}");
}

#[test]
fn a_proposal_holds_what_was_probed_and_what_was_found() {
    let spec = Spec::embedded();
    let text = proposal(spec, spec.gap("median").unwrap(), &[judged()]);
    println!("{text}");
    for part in [
        "# RFC: add `median`",
        "| numpy | 2.4.1 | `median(a, axis=None)` |  |",
        "| torch | not probed | `median` |",
        "def median(x, /, *, axis=None, keepdims=False)",
        "| numpy | 2.4.1 | 1 of 2 | `value` |",
        "numpy, `gaps/median::value`: `median(float32([1.0, 2.0]))` gave `1.0`, expected 1.5.",
    ] {
        assert!(text.contains(part), "{part} is not in it");
    }
    assert!(text.contains("| what | count | source |") && !text.contains("No demand is recorded"), "{text}");
    let unasked = spec.gaps().iter().find(|gap| gap.score(&spec.measures) == 0.0).unwrap();
    let unasked = proposal(spec, unasked, &[]);
    assert!(unasked.contains("## Motivation\n\nNo demand is recorded") && !unasked.contains("| what | count"), "{unasked}");
    let nanmin = proposal(spec, spec.gap("nanmin").unwrap(), &[]);
    assert!(nanmin.contains("    missing = isnan(x)\n") && nanmin.contains("No results file has results for it"), "{nanmin}");
}

#[test]
fn the_list_names_every_gap_and_what_a_backend_lacks_of_the_standard() {
    let spec = Spec::embedded();
    let text = gaps_markdown(spec, None);
    assert!(spec.gaps().iter().all(|gap| text.contains(&format!("`{}`", gap.function.signature))));
    let text = gaps_markdown(spec, Some(&sample::run("ndarray")));
    assert!(text.contains("- `isin` (since 2025.12)") && text.contains("| absent |"), "{text}");
}
