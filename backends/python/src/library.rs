//! The libraries known by name, and what is installed for them.

use std::sync::LazyLock;

use serde::Deserialize;

/// A Python library known by name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// The name on the command line, such as `compat:numpy`.
    pub name: String,
    /// The module that is the namespace under test.
    pub module: String,
    /// The environment that it runs in: a file of `requirements/`.
    pub environment: String,
    /// What it is, in a few words.
    pub summary: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    libraries: Vec<Library>,
}

/// Every library known by name.
pub fn libraries() -> &'static [Library] {
    static LIBRARIES: LazyLock<Vec<Library>> = LazyLock::new(|| {
        // It is embedded, and a test reads it.
        serde_yaml::from_str::<File>(include_str!("../libraries.yaml")).expect("libraries.yaml is valid").libraries
    });
    &LIBRARIES
}

/// What the worker itself needs.
pub(crate) const MSGPACK: &str = include_str!("../requirements/msgpack.txt");

/// The requirements of an environment, with hashes, as pip reads them.
pub(crate) fn requirements(environment: &str) -> Option<&'static str> {
    match environment {
        "numpy" => Some(include_str!("../requirements/numpy.txt")),
        "array-api-strict" => Some(include_str!("../requirements/array-api-strict.txt")),
        _ => None,
    }
}

/// What a file of requirements pins, such as `numpy 2.4.6`.
pub(crate) fn pins(requirements: &str) -> Vec<String> {
    requirements
        .lines()
        .filter(|line| !line.starts_with([' ', '#']))
        .filter_map(|line| line.trim_end_matches(['\\', ' ']).split_once("=="))
        .map(|(package, version)| format!("{package} {version}"))
        .collect()
}

/// The known deviations of a named library: the file's place in the repository, and its text.
pub fn baseline(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "numpy" => Some(("backends/python/baselines/numpy.yaml", include_str!("../baselines/numpy.yaml"))),
        "array-api-strict" => Some(("backends/python/baselines/array-api-strict.yaml", include_str!("../baselines/array-api-strict.yaml"))),
        "compat:numpy" => Some(("backends/python/baselines/compat-numpy.yaml", include_str!("../baselines/compat-numpy.yaml"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_library_has_an_environment_that_holds_it() {
        assert!(!libraries().is_empty());
        for library in libraries() {
            let requirements = requirements(&library.environment)
                .unwrap_or_else(|| panic!("{}: no requirements/{}.txt", library.name, library.environment));
            let package = library.module.split('.').next().unwrap_or_default().replace('_', "-");
            let pins = pins(requirements);
            assert!(pins.iter().any(|pin| pin.starts_with(&format!("{package} "))), "{}: {pins:?}", library.name);
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = libraries().iter().map(|library| &library.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), libraries().len());
    }

    #[test]
    fn libraries_that_share_numpy_pin_the_same_version() {
        let numpy = |environment| pins(requirements(environment).unwrap()).into_iter().find(|pin| pin.starts_with("numpy "));
        assert_eq!(numpy("numpy"), numpy("array-api-strict"));
    }

    #[test]
    fn every_requirement_is_pinned_and_hashed() {
        let files = libraries().iter().filter_map(|library| requirements(&library.environment)).chain([MSGPACK]);
        for file in files {
            let file = file.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n").replace("\\\n", " ");
            for requirement in file.lines() {
                let (pin, hashes) = requirement.split_once(' ').expect("a pin and its hashes");
                assert!(pin.contains("==") && !pin.contains('*'), "{pin}");
                let hashes: Vec<_> = hashes.split_whitespace().collect();
                assert!(!hashes.is_empty(), "{pin}");
                for hash in hashes {
                    let digest = hash.strip_prefix("--hash=sha256:").unwrap_or_else(|| panic!("{pin}: {hash}"));
                    assert!(digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{pin}: {hash}");
                }
            }
        }
    }
}
