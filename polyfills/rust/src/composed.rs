//! Calls the polyfill of a function, even if the namespace has the function itself.

use array_assay_interface::{Argument, CallError, Defaults, Output};

use crate::bind::bound;
use crate::generated::{bodies, table};
use crate::namespace::Namespace;
use crate::scope::Scope;
use crate::value::Value;

/// The result of a function's body.
pub(crate) fn composed<N: Namespace>(
    ns: &mut N,
    function: &str,
    args: &[Argument<'_, N::Array>],
    kwargs: &[(String, Argument<'_, N::Array>)],
) -> Result<Output<N::Array>, CallError> {
    let missing = || CallError::Missing(function.to_owned());
    let signature = table::find(function).ok_or_else(missing)?;
    let body = bodies::find::<N>(function).ok_or_else(missing)?;
    let args: Vec<Value<N::Array>> = args.iter().map(Argument::cloned).collect();
    let kwargs: Vec<_> = kwargs.iter().map(|(name, arg)| (name.clone(), arg.cloned())).collect();
    let defaults = Defaults::named(&ns.identity(&[]).default_dtypes);
    body(&Scope::new(ns, defaults), bound(signature, &args, &kwargs)?)
}
