//! Of which runs an entry of a baseline speaks, and until when.

use array_assay_format::{Glob, Results, Revision};
use serde::{Deserialize, Deserializer};

/// The runs that an entry speaks of. Each part is a glob, and all that are given have to match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// The library's version, such as `2.4.*`.
    #[serde(deserialize_with = "glob")]
    pub version: Option<Glob>,
    /// The platform, such as `Linux *`.
    #[serde(deserialize_with = "glob")]
    pub platform: Option<Glob>,
    /// The version of Python, such as `3.11.*`.
    #[serde(deserialize_with = "glob")]
    pub python: Option<Glob>,
    /// The device of the calls: the one that was asked for, or else the library's default.
    #[serde(deserialize_with = "glob")]
    pub device: Option<Glob>,
    /// The revision of the gate.
    #[serde(deserialize_with = "glob")]
    pub revision: Option<Glob>,
}

fn glob<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Glob>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|e| serde::de::Error::custom(format!("`{text}`: {e}")))
}

impl When {
    /// The parts that are given, by name.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &Glob)> {
        let When { version, platform, python, device, revision } = self;
        let all = [("version", version), ("platform", platform), ("python", python), ("device", device), ("revision", revision)];
        all.into_iter().filter_map(|(name, glob)| Some((name, glob.as_ref()?)))
    }

    /// Whether a run, judged by a revision, is one of them.
    pub(super) fn includes(&self, results: &Results, revision: Revision) -> bool {
        let backend = &results.header.backend;
        let python = backend.language.strip_prefix("Python ").unwrap_or_default();
        self.parts().all(|(name, glob)| match name {
            "version" => glob.matches_text(&backend.version),
            "platform" => glob.matches_text(&backend.platform),
            "python" => glob.matches_text(python),
            "device" => results.header.options.get("device").or(backend.devices.first()).is_some_and(|device| glob.matches_text(device)),
            _ => glob.matches_text(revision.word()),
        })
    }
}

/// Whether a text is a day, such as `2027-01-31`.
pub(super) fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, length: usize, most: u32| part.len() == length && part.parse().is_ok_and(|n: u32| (1..=most).contains(&n));
    matches!(parts[..], [year, month, day] if number(year, 4, 9999) && number(month, 2, 12) && number(day, 2, 31))
}
