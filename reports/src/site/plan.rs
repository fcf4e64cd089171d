//! The order of the runs of a report, and which of them is the newest of its library.

use array_assay_format::{Header, Revision};

use crate::gate::gated_revision;

/// The library that a run is about: the name of the backend without a version.
pub fn base(name: &str) -> &str {
    if name.starts_with("exec:") { name } else { name.split("==").next().unwrap_or(name) }
}

/// A piece of a version. What follows a number in letters (`rc1`) comes before the number alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Text(String),
    End,
    Number(u64),
}

/// A version in the order of releases, such as 1.9 before 1.26 and 2.0rc1 before 2.0. What follows a `+` names a build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Vec<Piece>);

impl Version {
    pub fn of(text: &str) -> Version {
        let text = text.split('+').next().unwrap_or(text);
        let (mut pieces, mut word) = (Vec::new(), String::new());
        let mut push = |word: &mut String| {
            if let Ok(number) = word.parse() {
                pieces.push(Piece::Number(number));
            } else if !word.is_empty() {
                pieces.push(Piece::Text(word.clone()));
            }
            word.clear();
        };
        for c in text.chars() {
            let apart = !c.is_alphanumeric();
            if apart || word.ends_with(|last: char| last.is_ascii_digit() != c.is_ascii_digit()) {
                push(&mut word);
            }
            if !apart {
                word.push(c);
            }
        }
        push(&mut word);
        pieces.push(Piece::End);
        Version(pieces)
    }
}

/// What the runs of a report are sorted by: the library, its version, then what else tells runs apart.
fn rank(header: &Header) -> impl Ord + '_ {
    let backend = &header.backend;
    (base(&backend.name), Version::of(&backend.version), backend.version.as_str(), backend.name.as_str(), header.seed, header.cases)
}

/// The order of the runs, whatever order their files were named in: by library, then by version, the oldest first.
pub fn order(headers: &[&Header]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..headers.len()).collect();
    order.sort_by(|a, b| rank(headers[*a]).cmp(&rank(headers[*b])));
    order
}

/// For each run whether it is of the newest version of its library. The runs are in order.
pub fn newest(headers: &[&Header]) -> Vec<bool> {
    let same = |a: &Header, b: &Header| base(&a.backend.name) == base(&b.backend.name);
    let is_newest = |i: usize| {
        let last = headers[i..].iter().take_while(|other| same(other, headers[i])).last();
        last.is_some_and(|last| Version::of(&last.backend.version) == Version::of(&headers[i].backend.version))
    };
    (0..headers.len()).map(is_newest).collect()
}

/// The revisions whose checks ran, the oldest first, and the one that the front page shows: the newest published one of them.
pub fn revisions(headers: &[&Header]) -> (Vec<Revision>, Revision) {
    let ran: std::collections::BTreeSet<Revision> = headers.iter().flat_map(|header| header.revisions.iter().copied()).collect();
    let published = ran.iter().rev().find(|revision| Revision::published().contains(revision));
    let front = published.or(ran.last()).copied().unwrap_or_else(|| headers.first().map_or(Revision::NEWEST, |h| gated_revision(h)));
    (if ran.is_empty() { vec![front] } else { ran.into_iter().collect() }, front)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_in_the_order_of_their_releases() {
        let sorted = ["1.9.0", "1.22.4", "1.26", "1.26.4", "2.0.0.dev3", "2.0.0rc1", "2.0.0", "2.10"];
        for pair in sorted.windows(2) {
            assert!(Version::of(pair[0]) < Version::of(pair[1]), "{pair:?}");
        }
        assert_eq!(Version::of("2.9.0+cpu"), Version::of("2.9.0"));
    }

    #[test]
    fn a_library_is_the_same_in_every_version() {
        assert_eq!(base("numpy==1.26.4"), "numpy");
        assert_eq!(base("compat:torch"), "compat:torch");
        assert_eq!(base("exec:worker --pin==3"), "exec:worker --pin==3");
    }
}
