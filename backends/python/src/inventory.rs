//! The files of an environment as pip recorded them, so that a deleted or altered file is noticed before a worker misses it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The name of the file that lists the files of an environment. It is written last, so an environment without it is not complete.
const INVENTORY: &str = "array-assay-files";

/// Writes the list of the files that pip recorded below a folder: size, time of the last change, hash, path.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    let mut text = String::new();
    for record in records(folder)? {
        let base = record.parent().and_then(Path::parent).unwrap_or(folder).to_owned();
        for line in fs::read_to_string(&record)?.lines() {
            let Some((path, hash)) = recorded(line) else { continue };
            let path = base.join(path);
            // A script outside of the packages has no other name below the folder.
            let (Ok(meta), Ok(inside)) = (fs::metadata(&path), path.strip_prefix(folder)) else { continue };
            let (size, changed) = (meta.len(), changed(&meta));
            text.push_str(&format!("{size} {changed} {hash} {}\n", inside.display()));
        }
    }
    fs::write(folder.join(INVENTORY), text)
}

/// What is wrong with an environment. `None` if every file is as pip installed it.
pub(crate) fn damage(folder: &Path) -> Option<String> {
    let list = match fs::read_to_string(folder.join(INVENTORY)) {
        Ok(list) => list,
        // An older version made the environment, which was complete when it got its name.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return write(folder).err().map(|error| format!("its files cannot be listed: {error}"));
        }
        Err(error) => return Some(format!("its list of files cannot be read: {error}")),
    };
    list.lines().find_map(|line| {
        let mut fields = line.splitn(4, ' ');
        let (size, changed_then, hash, path) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let file = folder.join(path);
        let Ok(meta) = fs::metadata(&file) else { return Some(format!("{path} is missing")) };
        if meta.len().to_string() != size {
            return Some(format!("{path} was altered"));
        }
        // A copied environment has other times. Then the content decides.
        let same = changed(&meta).to_string() == changed_then || hash_of(&file).is_ok_and(|found| found == hash);
        (!same).then(|| format!("{path} was altered"))
    })
}

/// The files `RECORD` of all packages below a folder.
fn records(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if !entry.file_type()?.is_dir() {
                continue;
            }
            if name.ends_with(".dist-info") {
                found.extend(Some(path.join("RECORD")).filter(|record| record.is_file()));
            } else if ["lib", "lib64", "Lib", "site-packages", "dist-packages"].contains(&&*name) || name.starts_with("python") {
                folders.push(path);
            }
        }
    }
    // With `pip install --target` the packages lie in the folder itself.
    found.sort();
    Ok(found)
}

/// The path and the hash in a line of a file `RECORD`: `path,sha256=HASH,size`. `None` if the file has no hash.
fn recorded(line: &str) -> Option<(&str, &str)> {
    let (rest, _) = line.rsplit_once(',')?;
    let (path, hash) = rest.rsplit_once(',')?;
    // Paths with commas are quoted; no package that is known has any. Scripts lie outside, by `../../../bin/f2py`.
    let inside = !path.starts_with('"') && !path.starts_with("../") && !path.contains("__pycache__");
    hash.strip_prefix("sha256=").filter(|_| inside).map(|hash| (path, hash))
}

fn changed(meta: &fs::Metadata) -> u128 {
    meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map_or(0, |since| since.as_nanos())
}

fn hash_of(file: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    hasher.update(fs::read(file)?);
    Ok(URL_SAFE_NO_PAD.encode(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An environment with one package of one module.
    fn environment() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let packages = folder.path().join("lib/python3.13/site-packages");
        fs::create_dir_all(packages.join("pkg-1.0.dist-info")).unwrap();
        fs::create_dir_all(packages.join("pkg")).unwrap();
        fs::write(packages.join("pkg/__init__.py"), "x = 1\n").unwrap();
        let hash = hash_of(&packages.join("pkg/__init__.py")).unwrap();
        let record =
            format!("pkg/__init__.py,sha256={hash},6\npkg/__pycache__/a.pyc,,\n../../../bin/tool,sha256=x,1\npkg-1.0.dist-info/RECORD,,\n");
        fs::write(packages.join("pkg-1.0.dist-info/RECORD"), record).unwrap();
        write(folder.path()).unwrap();
        folder
    }

    #[test]
    fn a_missing_and_an_altered_file_are_noticed_and_a_copy_is_whole() {
        let module = "lib/python3.13/site-packages/pkg/__init__.py";
        let whole = environment();
        assert_eq!(damage(whole.path()), None);
        // A copy has other times.
        fs::write(whole.path().join(module), "x = 1\n").unwrap();
        assert_eq!(damage(whole.path()), None);
        fs::write(whole.path().join(module), "x = 2\n").unwrap();
        let altered = damage(whole.path()).unwrap();
        assert!(altered.ends_with("pkg/__init__.py was altered"), "{altered}");
        fs::remove_file(whole.path().join(module)).unwrap();
        let missing = damage(whole.path()).unwrap();
        assert!(missing.ends_with("pkg/__init__.py is missing"), "{missing}");
    }
}
