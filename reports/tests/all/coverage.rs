//! The page of clauses: what stands there with results and without.

use crate::sample;
use array_assay_format::Results;
use array_assay_reports::{StandardClause, StandardPage, coverage};

fn clause(slug: &str, tests: &[&str]) -> StandardClause {
    StandardClause {
        slug: slug.to_owned(),
        level: "must".to_owned(),
        says: None,
        span: None,
        url: None,
        tested_by: tests.iter().map(|id| id.parse().unwrap()).collect(),
        untestable: None,
        doubt: None,
    }
}

fn standard() -> Vec<StandardPage> {
    let page = |chapter: &str, name: &str, clauses| {
        let url = Some("https://data-apis.org/array-api/".to_owned());
        StandardPage { name: name.to_owned(), chapter: chapter.to_owned(), url, clauses }
    };
    let untestable = StandardClause { untestable: Some("no program can <see> it".to_owned()), ..clause("unseen", &[]) };
    let doubtful = StandardClause { doubt: Some("it contradicts itself".to_owned()), ..clause("odd", &["elementwise/atan2::value"]) };
    let ended = Some("https://data-apis.org/array-api/2022.12/design_topics/accuracy.html".to_owned());
    let untestable = StandardClause { url: ended, span: Some("until 2022.12".to_owned()), ..untestable };
    let permits = StandardClause { level: "may".to_owned(), untestable: Some("a permission".to_owned()), ..clause("free", &[]) };
    vec![
        page("elementwise", "elementwise/atan2", vec![clause("value", &["elementwise/atan2::value"]), doubtful]),
        page("elementwise", "elementwise/nosuch", vec![clause("value", &["elementwise/nosuch::value"])]),
        page("topics", "design_topics/accuracy", vec![untestable, permits]),
    ]
}

/// The overview and the chapter of element-wise functions and of topics.
fn pages(results: &[Results]) -> [String; 3] {
    let folder = tempfile::tempdir().unwrap();
    let path = coverage(&standard(), sample::given(results), folder.path()).unwrap();
    assert_eq!(path, folder.path().join("clauses.html"));
    assert!(folder.path().join("style.css").is_file());
    ["clauses.html", "clauses/elementwise.html", "clauses/topics.html"]
        .map(|path| std::fs::read_to_string(folder.path().join(path)).unwrap())
}

#[test]
fn clauses_are_shown_by_what_can_be_said_of_them() {
    let [overview, elementwise, topics] = pages(&[]);
    for (status, count) in [("tested", 2), ("doubtful", 1), ("untestable", 1), ("permits", 1)] {
        let found = [&elementwise, &topics].map(|page| page.matches(&format!("data-status=\"{status}\"")).count());
        assert_eq!(found[0] + found[1], count, "{status}");
    }
    let link = "<a class=\"source\" href=\"https://data-apis.org/array-api/2022.12/design_topics/accuracy.html\">the text</a>";
    assert_eq!(topics.matches(link).count(), 1, "a clause that ended leads to the revision that has it");
    assert!(topics.contains("no program can &lt;see&gt; it") && elementwise.contains("it contradicts itself"));
    assert!(overview.contains("href=\"clauses/elementwise.html\"") && overview.contains("href=\"clauses/topics.html\""));
    assert!(!overview.contains("Overview</a>"), "there is no report to lead to");
}

#[test]
fn with_results_they_say_how_libraries_do_and_lead_to_the_report() {
    let results = sample::three();
    let [overview, elementwise, _] = pages(&results);
    let folder = tempfile::tempdir().unwrap();
    sample::site(&results, folder.path()).unwrap();
    assert!(elementwise.contains("href=\"../functions/elementwise/atan2.html#value\""), "a check that ran has a link");
    assert!(std::fs::read_to_string(folder.path().join("functions/elementwise/atan2.html")).unwrap().contains("id=\"value\""));
    assert!(
        elementwise.contains("<code>elementwise/nosuch</code>") && !elementwise.contains("nosuch.html"),
        "one that did not run has none"
    );
    assert!(elementwise.contains("3 follow it") && overview.contains("followed by none"));
    assert_eq!([overview, elementwise], pages(&results)[..2], "the same results give the same bytes");
}
