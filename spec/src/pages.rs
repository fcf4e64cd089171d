//! The pages of the standard's site. `spec diff` reads them from the standard's own sources, and `spec check` compares every link with
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use array_assay_format::Revision;
use serde::Deserialize;

/// The site that publishes the standard. It has a folder for each revision.
const SITE: &str = "https://data-apis.org/array-api";

/// The pages that exist in each revision, such as `API_specification/generated/array_api.add`. A section of a page is an entry of its own,
/// such as `API_specification/array_object#operators`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pages {
    revisions: BTreeMap<String, BTreeSet<Revision>>,
}

/// Pages of one folder that exist in the same revisions, as `pages.yaml` lists them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPages {
    folder: String,
    since: Revision,
    until: Option<Revision>,
    names: Vec<String>,
}

/// The place where the standard describes something: a page or section, and the revisions that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The path below the folder of a revision, without `.html`.
    pub path: String,
    revisions: BTreeSet<Revision>,
}

impl Page {
    /// A page while the pages of the site are not yet known.
    pub(crate) fn unknown(path: String) -> Page {
        Page { path, revisions: BTreeSet::new() }
    }

    /// The URL in the newest published revision from `since` to `until` that has the page, or in the draft if only the draft has it. If no
    /// revision has the page, `spec check` reports that.
    pub fn url(&self, since: Revision, until: Option<Revision>) -> String {
        let last = until.unwrap_or(Revision::NEWEST.max(since)).min(Revision::NEWEST.max(since));
        let revision = self.revisions.range(..=last).next_back().copied().unwrap_or(last);
        url(revision, &self.path)
    }

    /// The URL in the newest published revision that has the page, or in the draft if only the draft has it.
    pub fn newest_url(&self) -> String {
        self.url(self.revisions.first().copied().unwrap_or(Revision::NEWEST), None)
    }
}

/// The URL of a page or section in a revision.
fn url(revision: Revision, path: &str) -> String {
    match path.split_once('#') {
        Some((page, section)) => format!("{SITE}/{revision}/{page}.html#{section}"),
        None => format!("{SITE}/{revision}/{path}.html"),
    }
}

impl Pages {
    pub(crate) fn add(&mut self, raw: RawPages) {
        let last = raw.until.unwrap_or(Revision::Draft);
        let revisions = Revision::ALL.iter().filter(|revision| raw.since <= **revision && **revision <= last);
        for name in &raw.names {
            let path = if raw.folder.is_empty() { name.clone() } else { format!("{}/{name}", raw.folder) };
            self.revisions.entry(path).or_default().extend(revisions.clone());
        }
    }

    /// The pages by revision, read from the standard's sources.
    pub fn of_revisions<'p>(found: impl IntoIterator<Item = (Revision, &'p [String])>) -> Pages {
        let mut pages = Pages::default();
        for (revision, paths) in found {
            for path in paths {
                pages.revisions.entry(path.clone()).or_default().insert(revision);
            }
        }
        pages
    }

    /// A page with the revisions that have it.
    pub fn page(&self, path: &str) -> Page {
        Page { path: path.to_owned(), revisions: self.revisions.get(path).cloned().unwrap_or_default() }
    }

    /// Whether a URL of the standard's site is that of an existing page or section. `None` for a URL of another site.
    pub fn has(&self, address: &str) -> Option<bool> {
        let (revision, path) = address.strip_prefix(SITE)?.strip_prefix('/')?.split_once('/')?;
        let path = path.replacen(".html", "", 1);
        let revision = revision.parse().ok();
        Some(revision.is_some_and(|revision| self.revisions.get(&path).is_some_and(|has| has.contains(&revision))))
    }

    /// The pages of one revision.
    pub fn of(&self, revision: Revision) -> BTreeSet<&str> {
        self.revisions.iter().filter(|(_, has)| has.contains(&revision)).map(|(path, _)| path.as_str()).collect()
    }

    /// The text of `pages.yaml`, with one entry for the pages of a folder that exist in the same revisions.
    pub fn to_yaml(&self) -> String {
        let mut spans: BTreeMap<(&str, Revision, Option<Revision>), Vec<&str>> = BTreeMap::new();
        for (path, revisions) in &self.revisions {
            let (folder, name) = folder_and_name(path);
            for (since, until) in runs(revisions) {
                spans.entry((folder, since, until)).or_default().push(name);
            }
        }
        let mut out = String::from(
            "# The pages of the standard's site and their sections, by folder and by the revisions that have them. Links are checked against them.\n\
             # Written by: cargo xtask spec diff --upstream DIR --write-pages\n\npages:\n",
        );
        for ((folder, since, until), names) in spans {
            let _ = write!(out, "  - folder: {folder:?}\n    since: {:?}\n", since.word());
            if let Some(until) = until {
                let _ = writeln!(out, "    until: {:?}", until.word());
            }
            let mut line = "    names: [".to_owned();
            for (i, name) in names.iter().enumerate() {
                let comma = if i + 1 < names.len() { ", " } else { "]" };
                let item = format!("{name:?}{comma}");
                if line.len() + item.len() > 140 {
                    out.push_str(line.trim_end());
                    out.push('\n');
                    line = "      ".to_owned();
                }
                line.push_str(&item);
            }
            out.push_str(&line);
            out.push('\n');
        }
        out
    }
}

/// Splits a path into folder and name. The folder is empty at the top. Only slashes before a `#` count.
fn folder_and_name(path: &str) -> (&str, &str) {
    let page = path.split('#').next().unwrap_or(path);
    match page.rfind('/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => ("", path),
    }
}

/// Revisions as spans without holes. A span that reaches the draft has no end.
fn runs(revisions: &BTreeSet<Revision>) -> Vec<(Revision, Option<Revision>)> {
    let mut runs: Vec<(Revision, Revision)> = Vec::new();
    for revision in revisions {
        match runs.last_mut() {
            Some((_, last)) if last.next() == Some(*revision) => *last = *revision,
            _ => runs.push((*revision, *revision)),
        }
    }
    runs.into_iter().map(|(since, until)| (since, Some(until).filter(|last| *last != Revision::Draft))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages() -> Pages {
        let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let old = all(&["index", "a/old", "a/both", "a/both#title"]);
        let new = all(&["index", "a/both"]);
        Pages::of_revisions(Revision::ALL.iter().map(|r| (*r, if *r < Revision::V2023_12 { &old[..] } else { &new[..] })))
    }

    #[test]
    fn a_link_goes_to_the_newest_revision_that_says_so() {
        let pages = pages();
        let link = |path: &str, since, until| pages.page(path).url(since, until);
        assert_eq!(link("a/both", Revision::V2021_12, None), "https://data-apis.org/array-api/2025.12/a/both.html");
        assert_eq!(link("a/both", Revision::V2021_12, Some(Revision::V2022_12)), "https://data-apis.org/array-api/2022.12/a/both.html");
        assert_eq!(link("a/both", Revision::Draft, None), "https://data-apis.org/array-api/draft/a/both.html");
        assert_eq!(link("a/old", Revision::V2021_12, None), "https://data-apis.org/array-api/2022.12/a/old.html");
        assert_eq!(link("a/both#title", Revision::V2021_12, None), "https://data-apis.org/array-api/2022.12/a/both.html#title");
    }

    #[test]
    fn what_does_not_exist_is_told_from_what_does() {
        let pages = pages();
        for (address, has) in [
            ("https://data-apis.org/array-api/2022.12/a/old.html", Some(true)),
            ("https://data-apis.org/array-api/2023.12/a/old.html", Some(false)),
            ("https://data-apis.org/array-api/2022.12/a/both.html#title", Some(true)),
            ("https://data-apis.org/array-api/2022.12/a/both.html#other", Some(false)),
            ("https://data-apis.org/array-api/latest/index.html", Some(false)),
            ("https://github.com/data-apis/array-api/issues/621", None),
        ] {
            assert_eq!(pages.has(address), has, "{address}");
        }
    }

    #[test]
    fn the_file_says_the_same_as_what_was_read() {
        #[derive(Deserialize)]
        struct File {
            pages: Vec<RawPages>,
        }
        let (pages, mut read) = (pages(), Pages::default());
        let file: File = serde_yaml::from_str(&pages.to_yaml()).unwrap();
        file.pages.into_iter().for_each(|raw| read.add(raw));
        assert_eq!(read, pages);
    }
}
