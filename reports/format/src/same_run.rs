//! Whether two results files belong to one run.

use std::collections::BTreeMap;

use crate::{CONSUMERS, GAPS, Header};

/// What tells two runs apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The fact in words, such as `seed`.
    pub what: &'static str,
    /// What the first header says of it.
    pub expected: String,
    /// What the other header says of it.
    pub found: String,
}

impl Header {
    /// The options that make the run less than a whole one. Judging gaps and replaying consumers add to a run and take nothing from it.
    pub fn restrictions(&self) -> impl Iterator<Item = (&str, &str)> {
        let adds = |name: &str| [GAPS, CONSUMERS].contains(&name);
        self.options.iter().filter(move |(name, _)| !adds(name)).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first fact in which another header differs, among those that influence the records. The options that are named in `except` may
    /// differ, and so may the platform, because parts of a run may be made on different machines.
    pub fn difference(&self, other: &Header, except: &[&str]) -> Option<Difference> {
        let mut options = [self.options.clone(), other.options.clone()];
        options.iter_mut().for_each(|options| options.retain(|name, _| !except.contains(&name.as_str())));
        let (a, b) = (&self.backend, &other.backend);
        let pairs = [
            ("format", self.format.to_string(), other.format.to_string()),
            ("tool", format!("{} {}", self.tool.name, self.tool.version), format!("{} {}", other.tool.name, other.tool.version)),
            ("backend", a.name.clone(), b.name.clone()),
            ("library", a.library.clone(), b.library.clone()),
            ("library's version", a.version.clone(), b.version.clone()),
            ("language", a.language.clone(), b.language.clone()),
            ("devices", a.devices.join(", "), b.devices.join(", ")),
            ("dtypes", a.dtypes.join(", "), b.dtypes.join(", ")),
            ("claims", a.claims.join(", "), b.claims.join(", ")),
            ("extensions", a.extensions.join(", "), b.extensions.join(", ")),
            ("capabilities", format!("{:?}", a.capabilities), format!("{:?}", b.capabilities)),
            ("other versions", format!("{:?}", a.also), format!("{:?}", b.also)),
            ("withdrawn layouts", keys(&a.withdrawn_layouts), keys(&b.withdrawn_layouts)),
            ("revisions", format!("{:?}", self.revisions), format!("{:?}", other.revisions)),
            ("draft", format!("{:?}", self.draft), format!("{:?}", other.draft)),
            ("seed", self.seed.to_string(), other.seed.to_string()),
            ("number of cases", self.cases.to_string(), other.cases.to_string()),
            ("options", format!("{:?}", options[0]), format!("{:?}", options[1])),
        ];
        let differs = pairs.into_iter().find(|(_, expected, found)| expected != found);
        differs.map(|(what, expected, found)| Difference { what, expected, found })
    }

    /// Adds the platforms of another header of the same run.
    pub fn add_platforms(&mut self, other: &Header) {
        let all = |header: &Header| header.backend.platform.split("; ").map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        let (mut platforms, others) = (all(self), all(other));
        platforms.extend(others);
        self.backend.platform = platforms.into_iter().collect::<Vec<_>>().join("; ");
    }
}

fn keys(map: &BTreeMap<String, String>) -> String {
    map.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}
