//! The Python libraries known by name, and the packages that are installed for them.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A Python library known by name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// The name on the command line, such as `compat:numpy`.
    pub name: String,
    /// The module that is the namespace under test.
    pub module: String,
    /// The environment that it runs in: the name of a file in `requirements/`, without `.txt`.
    pub environment: String,
    /// A description in a few words.
    pub summary: String,
    /// The name of its package for pip, unless that is its own name without `compat:`.
    package: Option<String>,
    /// A device without which it cannot run.
    pub needs: Option<Needs>,
    /// Environment variables of its process.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// The modules that hold extensions of the standard, by extension.
    #[serde(default)]
    pub modules: BTreeMap<String, String>,
    into: Option<String>,
    out: Option<String>,
    together: Option<String>,
    /// A Python expression with which scripts show the elements of the array `x`, for a lazy library or one whose arrays do not print them.
    pub shown: Option<String>,
    /// A Python expression with which scripts make an array from the nested lists `host`, unless `asarray` does it.
    pub made: Option<String>,
    /// The library's own names of dtypes where they differ from the standard's, for scripts.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    shapes: Vec<Vec<usize>>,
    #[serde(default)]
    layouts: BTreeMap<String, String>,
    /// The forms of an array that its users have and an import does not make, by name: a Python expression that makes it from the array
    /// `x`.
    #[serde(default)]
    pub representations: BTreeMap<String, String>,
    /// Cases per stream, if the default number would take too long.
    pub cases: Option<u32>,
}

/// A device that a library cannot do without.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// The device in words.
    pub device: String,
    /// A command that succeeds if the machine has the device.
    pub command: String,
}

impl Needs {
    /// Whether the machine has the device.
    pub(crate) fn are_met(&self) -> bool {
        let mut words = self.command.split(' ');
        let Some(program) = words.next() else { return true };
        let quiet = |command: &mut Command| command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        quiet(Command::new(program).args(words)).is_ok_and(|status| status.success())
    }
}

/// The settings of a library that its worker gets as JSON.
#[derive(Serialize)]
struct Settings<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    modules: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    into: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    together: &'a Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lacks: &'a Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shapes: &'a Vec<Vec<usize>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    layouts: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    representations: &'a BTreeMap<String, String>,
}

impl Library {
    /// The name of its package for pip.
    pub fn package(&self) -> &str {
        let own = || self.name.rsplit(':').next().unwrap_or(&self.name);
        self.package.as_deref().unwrap_or_else(own)
    }

    /// The Python expression that makes a NumPy array from the array `x`, if the library has one of its own.
    pub fn out(&self) -> Option<&str> {
        self.out.as_deref()
    }

    /// The settings for its worker as JSON. `None` if all settings have their defaults.
    pub fn settings(&self) -> Option<String> {
        let Library { modules, into, out, together, lacks, shapes, layouts, representations, .. } = self;
        let settings = Settings { modules, into, out, together, lacks, shapes, layouts, representations };
        // Serialization of strings and numbers cannot fail.
        serde_json::to_string(&settings).ok().filter(|text| text != "{}")
    }

    /// The requirements for pip if a version other than the pinned one is wanted: the packages that the head of the requirements file names,
    /// without bounds, and the library in the version `version`.
    pub fn requirements_at(&self, version: &str) -> Option<String> {
        let head = requirements(&self.environment)?.lines().find_map(|line| line.strip_prefix("# from: "))?;
        let others = head.split(' ').map(bare).filter(|package| *package != bare(self.package())).map(str::to_owned);
        let all = others.chain([format!("{}=={version}", self.package())]);
        Some(all.map(|line| line + "\n").collect())
    }
}

/// Splits `numpy==1.26.4` into the library's name and its version.
pub fn name_and_version(name: &str) -> (&str, Option<&str>) {
    name.split_once("==").map_or((name, None), |(name, version)| (name, Some(version)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    libraries: Vec<Library>,
}

/// All libraries known by name, from `libraries.yaml`.
pub fn libraries() -> &'static [Library] {
    static LIBRARIES: LazyLock<Vec<Library>> = LazyLock::new(|| {
        // The file is embedded, and tests read it.
        serde_yaml::from_str::<File>(include_str!("../libraries.yaml")).expect("libraries.yaml is valid").libraries
    });
    &LIBRARIES
}

/// The requirements of the worker itself.
pub(crate) const MSGPACK: &str = include_str!("../requirements/msgpack.txt");

/// The requirements file of an environment, with versions and hashes, as pip reads it.
pub(crate) fn requirements(environment: &str) -> Option<&'static str> {
    match environment {
        "numpy" => Some(include_str!("../requirements/numpy.txt")),
        "checkers" => Some(include_str!("../requirements/checkers.txt")),
        "array-api-strict" => Some(include_str!("../requirements/array-api-strict.txt")),
        "blosc2" => Some(include_str!("../requirements/blosc2.txt")),
        "consumers" => Some(include_str!("../requirements/consumers.txt")),
        "cubed" => Some(include_str!("../requirements/cubed.txt")),
        "cupy" => Some(include_str!("../requirements/cupy.txt")),
        "dask" => Some(include_str!("../requirements/dask.txt")),
        "jax" => Some(include_str!("../requirements/jax.txt")),
        "kubernetes" => Some(include_str!("../requirements/kubernetes.txt")),
        "maturin" => Some(include_str!("../requirements/maturin.txt")),
        "mlx" => Some(include_str!("../requirements/mlx.txt")),
        "mparray" => Some(include_str!("../requirements/mparray.txt")),
        "ndonnx" => Some(include_str!("../requirements/ndonnx.txt")),
        "nvrtc" => Some(include_str!("../requirements/nvrtc.txt")),
        "package" => Some(include_str!("../requirements/package.txt")),
        "paddle" => Some(include_str!("../requirements/paddle.txt")),
        "rstsr-faer-py" => Some(include_str!("../requirements/rstsr-faer-py.txt")),
        "scipy" => Some(include_str!("../requirements/scipy.txt")),
        "sparse" => Some(include_str!("../requirements/sparse.txt")),
        "torch" => Some(include_str!("../requirements/torch.txt")),
        _ => None,
    }
}

/// The versions that a requirements file pins for the packages in its head, such as `numpy 2.4.6`. The version is left out if it depends on
/// the version of Python.
pub(crate) fn pins(requirements: &str) -> Vec<String> {
    let head: Vec<&str> = requirements.lines().find_map(|line| line.strip_prefix("# from: ")).unwrap_or_default().split(' ').collect();
    let mut pins: Vec<(&str, &str)> = Vec::new();
    for line in requirements.lines().filter(|line| !line.starts_with([' ', '#'])) {
        let Some((package, version)) = line.trim_end_matches(['\\', ' ']).split_once("==") else { continue };
        if head.iter().any(|wanted| bare(wanted) == package) {
            pins.retain(|(other, _)| *other != package);
            pins.push((package, version));
        }
    }
    let shown = |(package, version): (&str, &str)| if version.contains(';') { package.to_owned() } else { format!("{package} {version}") };
    pins.into_iter().map(shown).collect()
}

/// A requirement without its bounds and extras.
fn bare(requirement: &str) -> &str {
    requirement.split(['[', '<', '>', '=']).next().unwrap_or_default()
}

/// The shipped baselines: the library's name, the path of the file in the repository, and its text.
const BASELINES: [(&str, &str, &str); 17] = [
    ("array-api-strict", "backends/python/baselines/array-api-strict.yaml", include_str!("../baselines/array-api-strict.yaml")),
    ("blosc2", "backends/python/baselines/blosc2.yaml", include_str!("../baselines/blosc2.yaml")),
    ("compat:dask", "backends/python/baselines/compat-dask.yaml", include_str!("../baselines/compat-dask.yaml")),
    ("compat:numpy", "backends/python/baselines/compat-numpy.yaml", include_str!("../baselines/compat-numpy.yaml")),
    ("compat:torch", "backends/python/baselines/compat-torch.yaml", include_str!("../baselines/compat-torch.yaml")),
    ("cubed", "backends/python/baselines/cubed.yaml", include_str!("../baselines/cubed.yaml")),
    ("dask", "backends/python/baselines/dask.yaml", include_str!("../baselines/dask.yaml")),
    ("jax", "backends/python/baselines/jax.yaml", include_str!("../baselines/jax.yaml")),
    ("mlx", "backends/python/baselines/mlx.yaml", include_str!("../baselines/mlx.yaml")),
    ("mparray", "backends/python/baselines/mparray.yaml", include_str!("../baselines/mparray.yaml")),
    ("ndonnx", "backends/python/baselines/ndonnx.yaml", include_str!("../baselines/ndonnx.yaml")),
    ("numpy", "backends/python/baselines/numpy.yaml", include_str!("../baselines/numpy.yaml")),
    ("paddle", "backends/python/baselines/paddle.yaml", include_str!("../baselines/paddle.yaml")),
    ("rstsr-faer-py", "backends/python/baselines/rstsr-faer-py.yaml", include_str!("../baselines/rstsr-faer-py.yaml")),
    ("scipy", "backends/python/baselines/scipy.yaml", include_str!("../baselines/scipy.yaml")),
    ("sparse", "backends/python/baselines/sparse.yaml", include_str!("../baselines/sparse.yaml")),
    ("torch", "backends/python/baselines/torch.yaml", include_str!("../baselines/torch.yaml")),
];

/// The shipped baseline of a library: the path of the file in the repository, and its text.
pub fn baseline(name: &str) -> Option<(&'static str, &'static str)> {
    BASELINES.iter().find(|(library, ..)| *library == name).map(|(_, path, text)| (*path, *text))
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
            let pins = pins(requirements);
            let has = |package: &str| pins.iter().any(|pin| pin.split(' ').next() == Some(package));
            assert!(has(bare(library.package())), "{}: {pins:?}", library.name);
            assert!(has("array-api-compat") || !library.name.starts_with("compat:"), "{}: {pins:?}", library.name);
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
    fn another_version_is_asked_of_pip_with_what_its_environment_is_made_of() {
        let find = |name: &str| libraries().iter().find(|library| library.name == name).unwrap();
        assert_eq!(find("compat:numpy").requirements_at("1.26.4").unwrap(), "array-api-compat\nnumpy==1.26.4\n");
        assert_eq!(find("jax").requirements_at("0.5").unwrap(), "numpy\njax==0.5\n");
        assert_eq!(name_and_version("compat:numpy==1.26.4"), ("compat:numpy", Some("1.26.4")));
        assert_eq!(name_and_version("jax"), ("jax", None));
    }

    #[test]
    fn the_worker_is_told_what_it_cannot_find_out() {
        let find = |name: &str| libraries().iter().find(|library| library.name == name).unwrap();
        assert_eq!(find("array-api-strict").settings(), None);
        let settings = find("scipy").settings().unwrap();
        assert!(settings.starts_with(r#"{"modules":{"fft":"scipy.fft","linalg":"scipy.linalg"},"representations":{"#), "{settings}");
    }

    #[test]
    fn every_requirement_is_pinned_and_hashed() {
        let tools = ["consumers", "maturin", "package"].into_iter().filter_map(requirements);
        let files = libraries().iter().filter_map(|library| requirements(&library.environment)).chain(tools).chain([MSGPACK]);
        for file in files {
            let file = file.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n").replace("\\\n", " ");
            for requirement in file.lines() {
                let (pin, hashes) = requirement.split_at(requirement.find("--hash").expect("a pin and its hashes"));
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
