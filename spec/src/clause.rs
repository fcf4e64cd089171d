//! Clauses, and the topic pages that hold them.

use array_assay_format::Revision;

use crate::expr::Expr;
use crate::pages::Page;

/// A clause that is not a special case.
#[derive(Debug, Clone, PartialEq)]
pub struct ClauseEntry {
    /// The slug, unique within the function or page.
    pub slug: String,
    /// The level.
    pub level: ClauseLevel,
    /// The checks that test it: properties of the function (`dtype`, `dtype/scalar`), or globs over check ids on topic pages.
    pub tests: Vec<String>,
    /// The condition on calls that test the clause, by the facts that aspects use. Without one, every judged call of its checks tests it.
    pub when: Option<Expr>,
    /// Why no program can test it.
    pub untestable: Option<String>,
    /// A paraphrase in our own words.
    pub says: Option<String>,
    /// The first revision that has the clause, if that is later than the function's or page's.
    pub since: Option<Revision>,
    /// The last revision that has the clause.
    pub until: Option<Revision>,
    /// Hashes of the upstream sentences that it encodes.
    pub source: Source,
}

/// Hashes of upstream sentences.
pub type Source = Vec<String>;

/// The level of a clause. Other than [`Level`](array_assay_format::Level), it includes permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum ClauseLevel {
    Must,
    Should,
    May,
}

/// A topic page and its clauses.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicPage {
    /// The path of the page, such as `design_topics/accuracy`.
    pub page: Page,
    /// The clauses of the page.
    pub clauses: Vec<ClauseEntry>,
}
