//! Normative statements, and the pages that hold them.

use array_assay_format::Revision;

use crate::expr::Expr;
use crate::pages::Page;

/// A normative statement that is not a special case.
#[derive(Debug, Clone, PartialEq)]
pub struct ClauseEntry {
    /// Its name within the function or page.
    pub slug: String,
    /// How binding.
    pub level: ClauseLevel,
    /// The checks that test it: properties of the function (`dtype`, `dtype/scalar`), or globs over ids on topic pages.
    pub tests: Vec<String>,
    /// Which calls exercise it, as a condition on the facts that aspects use; without one every call that its checks judge does.
    pub when: Option<Expr>,
    /// Why no program can test it.
    pub untestable: Option<String>,
    /// A paraphrase.
    pub says: Option<String>,
    /// The first revision that says so, where that is later than the function's or page's.
    pub since: Option<Revision>,
    /// The last one.
    pub until: Option<Revision>,
    /// Hashes of the upstream sentences that it encodes.
    pub source: Source,
}

/// Hashes of upstream sentences.
pub type Source = Vec<String>;

/// How binding a statement is; unlike levels with permissions.
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
    /// Where it stands, such as `design_topics/accuracy`.
    pub page: Page,
    /// What it says.
    pub clauses: Vec<ClauseEntry>,
}
