//! Gaps in a library that may have them: under which name, and with which signature.

use array_assay_format::{Check, GapRecord, NativeRecord, Property};
use array_assay_interface::{Identity, ParameterKind, Presence};
use array_assay_spec::{Function, Gap, Measure};

/// All paths under which some library may have a gap.
pub(super) fn names(gap: &Gap) -> impl Iterator<Item = String> + '_ {
    gap.native.values().flat_map(|native| native.names.iter().cloned())
}

/// The name by which the spec knows a library: the first part of its module's name, without the name of a wrapper such as
/// `array_api_compat`.
fn library(identity: &Identity) -> &str {
    let name = &identity.name;
    let name = name.strip_prefix("compat:").or_else(|| name.strip_prefix("array_api_compat.")).unwrap_or(name);
    name.split('.').next().unwrap_or(name)
}

/// The gap's function at the path where the library has it. `None` if the library lacks it.
pub(super) fn native(gap: &Gap, identity: &Identity) -> Option<Function> {
    let path = gap.paths(library(identity)).into_iter().find(|path| identity.functions.contains_key(path))?;
    Some(gap.at(&path))
}

/// Adds what is known of a gap to the record of its check `present`.
pub(super) fn note(gap: &Gap, measures: &[Measure], there: bool, identity: &Identity, checks: &mut [Check]) {
    let Some(check) = checks.iter_mut().find(|check| check.property == Property::Present) else { return };
    let presence = identity.functions.get(&check.function);
    let differs = gap.native.get(library(identity)).and_then(|native| native.note.clone());
    check.gap = Some(GapRecord {
        proposed: gap.function.signature.to_string(),
        says: gap.says.clone(),
        status: gap.status.says(),
        demand: (gap.score(measures) * 10.0).round() / 10.0,
        carried: gap.demand.carried.clone(),
        trackers: gap.trackers.iter().map(|tracker| tracker.url()).collect(),
        hazards: gap.hazards.clone(),
        native: there.then(|| NativeRecord {
            path: check.function.clone(),
            signature: presence.and_then(|presence| signature(&check.function, presence)),
            note: differs,
        }),
    });
}

/// The signature that the library reports, in Python notation.
fn signature(path: &str, presence: &Presence) -> Option<String> {
    let parameters = presence.signature.as_ref()?;
    let mut items: Vec<String> = Vec::new();
    let mut previous = None;
    for p in parameters {
        if previous == Some(ParameterKind::PositionalOnly) && p.kind != ParameterKind::PositionalOnly {
            items.push("/".to_owned());
        }
        if p.kind == ParameterKind::KeywordOnly && !matches!(previous, Some(ParameterKind::KeywordOnly | ParameterKind::VarPositional)) {
            items.push("*".to_owned());
        }
        items.push(match (&p.default, p.kind) {
            (_, ParameterKind::VarPositional) => format!("*{}", p.name),
            (_, ParameterKind::VarKeyword) => format!("**{}", p.name),
            (Some(default), _) => format!("{}={default}", p.name),
            (None, _) => p.name.clone(),
        });
        previous = Some(p.kind);
    }
    if previous == Some(ParameterKind::PositionalOnly) {
        items.push("/".to_owned());
    }
    Some(format!("{path}({})", items.join(", ")))
}
