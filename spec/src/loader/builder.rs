//! What the entries of a function share while they become a model: a collector of faults, and hashes of sources.

use array_assay_format::{Level, Revision};
use serde::Deserialize;

use super::source::{Chunk, names_of};
use crate::clause::Source;
use crate::error::SpecError;
use crate::expr::Expr;
use crate::{DtypeSet, Dtypes};

/// The hashes of the sentences that an entry encodes: none, one, or a list.
#[derive(Deserialize, Default)]
#[serde(untagged)]
pub(super) enum RawSource {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

/// What every entry about sentences of the text has.
#[derive(Deserialize)]
pub(super) struct RawEntry {
    pub(super) slug: String,
    #[serde(default)]
    pub(super) since: Option<Revision>,
    #[serde(default)]
    pub(super) until: Option<Revision>,
    #[serde(default)]
    pub(super) source: RawSource,
}

/// How strongly an entry binds: as its level says, or not at all if its text is doubtful.
#[derive(Deserialize)]
pub(super) struct RawLevel {
    #[serde(default)]
    level: Option<Level>,
    #[serde(default)]
    pub(super) doubt: Option<String>,
}

impl RawLevel {
    pub(super) fn level(&self) -> Level {
        if self.doubt.is_some() { Level::Quality } else { self.level.unwrap_or(Level::Must) }
    }
}

impl From<RawSource> for Source {
    fn from(raw: RawSource) -> Source {
        match raw {
            RawSource::None => Vec::new(),
            RawSource::One(hash) => vec![hash],
            RawSource::Many(hashes) => hashes,
        }
    }
}

/// Collects the faults of one function while it is built.
pub(super) struct Builder<'a> {
    pub(super) chunk: &'a Chunk<'a>,
    pub(super) dtypes: &'a Dtypes,
    pub(super) errors: &'a mut Vec<SpecError>,
    pub(super) names: Vec<String>,
}

impl Builder<'_> {
    pub(super) fn fault(&mut self, needle: &str, why: String) {
        self.errors.push(self.chunk.fault(needle, 0, why));
    }

    pub(super) fn category(&mut self, name: &str) -> DtypeSet {
        self.dtypes.category(name).unwrap_or_else(|| {
            self.fault(name, format!("unknown category `{name}` of dtypes; dtypes.yaml lists them"));
            DtypeSet::default()
        })
    }

    /// Parses an expression. With `check` its names are checked now, otherwise once all functions are known.
    pub(super) fn expr(&mut self, text: &str, extra: &[&str], check: bool) -> Option<Expr> {
        match Expr::parse(text) {
            Ok(expr) => {
                let operands: Vec<&str> = self.names.iter().map(String::as_str).collect();
                let names: Vec<&str> = names_of(operands.into_iter()).into_iter().chain(extra.iter().copied()).collect();
                if let Some((why, at)) = check.then(|| expr.unknown(&names, &[])).flatten() {
                    self.errors.push(self.chunk.fault(text, at, why));
                }
                Some(expr)
            }
            Err(error) => {
                self.errors.push(self.chunk.fault(text, error.at, error.why));
                None
            }
        }
    }
}
