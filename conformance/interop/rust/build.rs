//! Hands the locked version of `jsonwebtoken` to the program: a crate cannot ask for its dependency's version at run time.

fn main() {
    let lock = std::fs::read_to_string("Cargo.lock").expect("Cargo.lock is checked in");
    let package = lock.split("[[package]]").find(|part| part.contains("name = \"jsonwebtoken\"")).expect("it is locked");
    let version = package.split("version = \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version");
    println!("cargo:rustc-env=JSONWEBTOKEN_VERSION={version}");
    println!("cargo:rerun-if-changed=Cargo.lock");
}
