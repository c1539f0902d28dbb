"""PyJWT, joserfc and Authlib behind the line protocol of ../protocol.ts: a JSON request a line in, a JSON answer a line out.

Each library gets the key as it documents for a JWK, is told the one algorithm to accept, and reports what it decoded. A
refusal is whatever it raises. Nothing here catches up for a library that lacks an algorithm.
"""

import json
import sys
from importlib.metadata import version

import jwt as pyjwt
from authlib.jose import JsonWebKey, JsonWebToken
from joserfc import jwk as joserfc_jwk
from joserfc import jwt as joserfc_jwt


def pyjwt_sign(request):
    key = pyjwt.PyJWK(request["jwk"], algorithm=request["alg"])
    return pyjwt.encode(request["claims"], key, algorithm=request["alg"])


def pyjwt_verify(request):
    key = pyjwt.PyJWK(request["jwk"], algorithm=request["alg"])
    return pyjwt.decode(request["token"], key, algorithms=[request["alg"]], audience=request["audience"])


def joserfc_sign(request):
    key = joserfc_jwk.import_key(request["jwk"])
    header = {"alg": request["alg"], "typ": "JWT"}
    return joserfc_jwt.encode(header, request["claims"], key, algorithms=[request["alg"]])


def joserfc_verify(request):
    key = joserfc_jwk.import_key(request["jwk"])
    return joserfc_jwt.decode(request["token"], key, algorithms=[request["alg"]]).claims


def authlib_sign(request):
    key = JsonWebKey.import_key(request["jwk"])
    header = {"alg": request["alg"], "typ": "JWT"}
    return JsonWebToken([request["alg"]]).encode(header, request["claims"], key).decode("ascii")


def authlib_verify(request):
    key = JsonWebKey.import_key(request["jwk"])
    return dict(JsonWebToken([request["alg"]]).decode(request["token"], key))


LIBRARIES = {
    "PyJWT": (pyjwt_sign, pyjwt_verify),
    "joserfc": (joserfc_sign, joserfc_verify),
    "Authlib": (authlib_sign, authlib_verify),
}


def answer(request):
    if request["op"] == "hello":
        return {"libraries": {name: version(name) for name in LIBRARIES}}
    sign, verify = LIBRARIES[request["library"]]
    try:
        if request["op"] == "sign":
            return {"ok": True, "token": sign(request)}
        return {"ok": True, "claims": verify(request)}
    except Exception as error:  # whatever it raises is its refusal
        return {"ok": False, "error": f"{type(error).__name__}: {error}"[:200]}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **answer(request)}), flush=True)
