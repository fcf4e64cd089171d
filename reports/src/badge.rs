//! Badges: how far a library follows the standard, in two fields.

use std::collections::BTreeSet;

use array_assay_format::{Level, Results};
use serde::Serialize;

use crate::gate::{deviation, gated_revision};
use crate::text::{count, visible};

/// A badge. It says no share of checks: the numbers of two libraries would be compared, and checks do not weigh alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// The left field, such as `array API 2025.12`.
    pub label: String,
    /// The right field: `conforms`, or how many functions deviate.
    pub message: String,
    colour: &'static str,
}

/// JSON for the endpoint badge of shields.io.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint<'b> {
    schema_version: u32,
    label: &'b str,
    message: &'b str,
    color: &'static str,
}

/// The badge of a library, for the revision of its default gate: whether it conforms, or how many functions deviate from what the standard
/// demands.
pub fn badge(results: &Results) -> Badge {
    let revision = gated_revision(&results.header);
    let musts = results.checks.iter().filter(|check| check.level == Level::Must && check.doubt.is_none() && check.is_of_standard());
    let deviating: BTreeSet<_> =
        musts.filter(|check| deviation(check, revision).is_some()).map(|check| (&check.id.category, &check.id.function)).collect();
    let partial = results.header.restrictions().next().is_some();
    Badge::of(revision.word(), partial, results.footer.conforms.get(&revision) == Some(&true), deviating.len())
}

impl Badge {
    pub(crate) fn of(revision: &str, partial: bool, conforms: bool, functions: usize) -> Badge {
        let (message, colour) = match functions {
            _ if partial => ("tested in part".to_owned(), "#656d76"),
            0 if conforms => ("conforms".to_owned(), "#1a7f37"),
            0 => ("unknown".to_owned(), "#656d76"),
            n => (format!("{} {}", count(n, "function"), if n == 1 { "deviates" } else { "deviate" }), "#7a5c00"),
        };
        Badge { label: format!("array API {revision}"), message, colour }
    }

    /// The badge as an image.
    pub fn svg(&self) -> String {
        shield(&self.label, &self.message, self.colour)
    }

    /// The badge for the endpoint of shields.io.
    pub fn json(&self) -> String {
        let color = self.colour.trim_start_matches('#');
        serde_json::to_string(&Endpoint { schema_version: 1, label: &self.label, message: &self.message, color }).unwrap_or_default() + "\n"
    }
}

/// Two fields side by side. Their widths are estimates; `textLength` fits the text into them for any font.
fn shield(label: &str, value: &str, colour: &str) -> String {
    let width = |text: &str| 7 * text.chars().count() + 12;
    let (label, value) = (escape(label), escape(value));
    let (left, right) = (width(&label), width(&value));
    let total = left + right;
    let (label_x, value_x) = (left / 2, left + right / 2);
    let (label_length, value_length) = (left - 12, right - 12);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" role="img" aria-label="{label}: {value}">
<title>{label}: {value}</title>
<clipPath id="r"><rect width="{total}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#444c56"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{label_x}" y="14" textLength="{label_length}">{label}</text><text x="{value_x}" y="14" textLength="{value_length}">{value}</text>
</g></svg>
"##
    )
}

fn escape(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
