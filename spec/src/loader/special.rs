//! The special cases of a function: the entries as they are written, and the rules that they become.

use array_assay_format::Level;
use serde::Deserialize;

use super::builder::{Builder, RawEntry, RawLevel, RawSource};
use crate::rule::{Rule, RuleBody, SymmetryMap};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSpecial {
    #[serde(flatten)]
    entry: RawEntry,
    #[serde(flatten)]
    level: RawLevel,
    #[serde(default, rename = "for")]
    category: Option<String>,
    when: String,
    #[serde(default)]
    then: Option<String>,
    #[serde(default)]
    holds: Option<String>,
    #[serde(default)]
    approx: bool,
    #[serde(default)]
    either_sign: Vec<ComponentName>,
    #[serde(default)]
    alternatives: Vec<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum ComponentName {
    Re,
    Im,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAsIf {
    slug: String,
    #[serde(rename = "for")]
    category: String,
    expr: String,
    #[serde(default)]
    approx: bool,
    #[serde(default)]
    level: Option<Level>,
    #[serde(default)]
    source: RawSource,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSymmetry {
    slug: String,
    #[serde(rename = "for")]
    category: String,
    map: SymmetryMap,
    #[serde(default)]
    source: RawSource,
}

impl Builder<'_> {
    /// The special cases: those that are written out, those derived from other functions, and those by symmetry.
    pub(super) fn rules(&mut self, special: Vec<RawSpecial>, as_if: Vec<RawAsIf>, symmetries: Vec<RawSymmetry>) -> Vec<Rule> {
        let mut rules: Vec<Rule> = special.into_iter().filter_map(|raw| self.special_case(raw)).collect();
        for raw in as_if {
            let dtypes = self.category(&raw.category);
            let Some(expr) = self.expr(&raw.expr, &[], false) else { continue };
            let body = RuleBody::AsIf { expr, approx: raw.approx };
            let level = raw.level.unwrap_or(Level::Must);
            rules.push(Rule::new(raw.slug, dtypes, level, raw.source.into(), body));
        }
        for raw in symmetries {
            let dtypes = self.category(&raw.category);
            let body = RuleBody::Symmetry(raw.map);
            rules.push(Rule::new(raw.slug, dtypes, Level::Must, raw.source.into(), body));
        }
        for (i, rule) in rules.iter().enumerate() {
            if rules[..i].iter().any(|other| other.slug == rule.slug) {
                self.fault(&format!("slug: {},", rule.slug), format!("the slug `{}` stands here twice", rule.slug));
            }
        }
        rules
    }

    fn special_case(&mut self, raw: RawSpecial) -> Option<Rule> {
        let needle = format!("slug: {},", raw.entry.slug);
        let dtypes = self.category(raw.category.as_deref().unwrap_or("real floating"));
        let when = self.expr(&raw.when, &[], true)?;
        let body = match (raw.then, raw.holds) {
            (Some(then), None) => {
                let then = self.expr(&then, &[], true)?;
                let alternatives = raw.alternatives.iter().filter_map(|text| self.expr(text, &[], true)).collect();
                let either_sign = [raw.either_sign.contains(&ComponentName::Re), raw.either_sign.contains(&ComponentName::Im)];
                RuleBody::Then { when, then, approx: raw.approx, either_sign, alternatives }
            }
            (None, Some(holds)) => RuleBody::Holds { when, holds: self.expr(&holds, &["result"], true)? },
            _ => {
                self.fault(&needle, format!("`{}` needs either `then` or `holds`", raw.entry.slug));
                return None;
            }
        };
        let (level, doubt) = (raw.level.level(), raw.level.doubt);
        let RawEntry { slug, since, until, source } = raw.entry;
        Some(Rule { since, until, doubt, ..Rule::new(slug, dtypes, level, source.into(), body) })
    }
}
