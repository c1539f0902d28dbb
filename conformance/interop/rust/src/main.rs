//! The crate `jsonwebtoken` behind the line protocol of ../protocol.ts: a JSON request a line in, a JSON answer a line out.

use std::io::{self, BufRead, Write};
use std::str::FromStr;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Value, json};

type Refusal = Box<dyn std::error::Error>;

fn main() -> Result<(), Refusal> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let mut answer = match request["op"].as_str() {
            Some("hello") => json!({ "ok": true, "libraries": { "jsonwebtoken (Rust)": env!("JSONWEBTOKEN_VERSION") } }),
            Some("sign") => sign(&request).map_or_else(refusal, |token| json!({ "ok": true, "token": token })),
            _ => verify(&request).map_or_else(refusal, |claims| json!({ "ok": true, "claims": claims })),
        };
        answer["id"] = request["id"].clone();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn refusal(error: Refusal) -> Value {
    json!({ "ok": false, "error": error.to_string() })
}

fn sign(request: &Value) -> Result<String, Refusal> {
    let algorithm = algorithm(request)?;
    let pem = request["pem"].as_str().unwrap_or_default().as_bytes();
    let key = match request["jwk"]["kty"].as_str() {
        Some("oct") => EncodingKey::from_base64_secret(&standard_base64(request["jwk"]["k"].as_str().unwrap_or_default()))?,
        Some("RSA") => EncodingKey::from_rsa_pem(pem)?,
        Some("EC") => EncodingKey::from_ec_pem(pem)?,
        _ => EncodingKey::from_ed_pem(pem)?,
    };
    Ok(encode(&Header::new(algorithm), &request["claims"], &key)?)
}

fn verify(request: &Value) -> Result<Value, Refusal> {
    let mut validation = Validation::new(algorithm(request)?);
    validation.set_audience(&[request["audience"].as_str().unwrap_or_default()]);
    let jwk: Jwk = serde_json::from_value(request["jwk"].clone())?;
    let token = request["token"].as_str().unwrap_or_default();
    Ok(decode::<Value>(token, &DecodingKey::from_jwk(&jwk)?, &validation)?.claims)
}

fn algorithm(request: &Value) -> Result<Algorithm, Refusal> {
    Ok(Algorithm::from_str(request["alg"].as_str().unwrap_or_default())?)
}

/// The crate reads secrets in the standard alphabet with padding; a JWK has them in the URL-safe one without.
fn standard_base64(url_safe: &str) -> String {
    let mut text = url_safe.replace('-', "+").replace('_', "/");
    while text.len() % 4 != 0 {
        text.push('=');
    }
    text
}
