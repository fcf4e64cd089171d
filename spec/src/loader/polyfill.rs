//! Reads a polyfill of a YAML file: the name of a function, and its body.

use array_assay_format::Revision;
use serde::Deserialize;

use super::source::Chunk;
use crate::error::SpecError;
use crate::polyfill::{Place, Polyfill};
use crate::{Spec, SpecSignature};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPolyfill {
    name: String,
    /// The signature of a function that only polyfills call. Other functions have an entry of their own.
    #[serde(default)]
    signature: Option<String>,
    #[serde(default)]
    says: Option<String>,
    #[serde(default)]
    revision: Option<Revision>,
    polyfill: String,
}

impl RawPolyfill {
    pub(super) fn build(self, spec: &Spec, chunk: &Chunk<'_>) -> Result<Polyfill, SpecError> {
        let at_name = |why: String| chunk.fault("name:", 0, why);
        if spec.polyfill(&self.name).is_some() {
            return Err(at_name(format!("the polyfill `{}` stands here twice", self.name)));
        }
        let signature = match (&self.signature, spec.at_path(&self.name)) {
            (None, Some(function)) => function.signature.clone(),
            (None, None) => return Err(at_name(format!("`{}` is no function of the spec; a helper has a `signature`", self.name))),
            (Some(_), Some(_)) => return Err(chunk.fault("signature:", 0, "the function's own entry has the signature".to_owned())),
            (Some(_), None) if !self.name.starts_with('_') || self.says.is_none() => {
                return Err(at_name(format!(
                    "`{}` is no function of the spec: a helper's name begins with `_`, and it has `says`",
                    self.name
                )));
            }
            (Some(text), None) => SpecSignature::parse(text).map_err(|error| chunk.fault("signature:", 0, error.to_string()))?,
        };
        if !chunk.text.lines().any(|line| line.trim() == "polyfill: |") {
            return Err(chunk.fault("polyfill:", 0, "write the body as a block: `polyfill: |`".to_owned()));
        }
        let body = chunk.body("polyfill:", self.polyfill);
        let polyfill = Polyfill::parse(&self.name, signature, &body.value, Place::of(&body))?;
        Ok(Polyfill { says: self.says, revision: self.revision, ..polyfill })
    }
}
