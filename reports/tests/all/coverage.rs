//! The page of clauses: what stands there with results and without.

use crate::sample;
use array_assay_format::Results;
use array_assay_reports::{StandardClause, StandardPage, coverage, site};

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

fn page(results: &[Results]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = coverage(&standard(), results, folder.path()).unwrap();
    assert!(folder.path().join("style.css").is_file());
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn clauses_are_shown_by_what_can_be_said_of_them() {
    let html = page(&[]);
    for (status, count) in [("tested", 2), ("doubtful", 1), ("untestable", 1), ("permits", 1)] {
        assert_eq!(html.matches(&format!("data-status=\"{status}\"")).count(), count, "{status}");
    }
    let link = "<a class=\"source\" href=\"https://data-apis.org/array-api/2022.12/design_topics/accuracy.html\">the text</a>";
    assert_eq!(html.matches(link).count(), 1, "a clause that ended leads to the revision that has it");
    assert!(html.contains("no program can &lt;see&gt; it") && html.contains("it contradicts itself"));
    assert!(html.contains("id=\"elementwise\"") && html.contains("id=\"topics\""));
    assert!(!html.contains("index.html\">report"), "there is no report to lead to");
}

#[test]
fn with_results_it_shows_verdicts_and_leads_to_the_report() {
    let results = sample::three();
    let html = page(&results);
    let folder = tempfile::tempdir().unwrap();
    site(&results, &|_| Vec::new(), folder.path()).unwrap();
    let link = "functions/elementwise/atan2.html#value";
    assert!(html.contains(&format!("href=\"{link}\"")), "a check that ran has a link");
    assert!(std::fs::read_to_string(folder.path().join("functions/elementwise/atan2.html")).unwrap().contains("id=\"value\""));
    assert!(html.contains("<code>elementwise/nosuch::value</code>") && !html.contains("nosuch.html"), "one that did not run has none");
    let rows: Vec<&str> = html.split("<tr data-status=").collect();
    assert_eq!(rows[1].matches("class=\"mark ").count(), results.len());
    assert_eq!(rows[3].matches("class=\"mark ").count(), 0);
    for run in &results {
        assert!(html.contains(&format!("<th scope=\"col\">{}</th>", run.header.backend.name)), "{}", run.header.backend.name);
    }
    assert_eq!(html, page(&results), "the same results give the same bytes");
}
