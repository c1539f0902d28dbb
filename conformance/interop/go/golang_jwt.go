package main

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

func golangJwtSign(req request) (string, error) {
	method := jwt.GetSigningMethod(req.Alg)
	if method == nil {
		return "", errors.New("golang-jwt has no " + req.Alg)
	}
	key, err := keyOf(req)
	if err != nil {
		return "", err
	}
	return jwt.NewWithClaims(method, jwt.MapClaims(req.Claims)).SignedString(key)
}

func golangJwtVerify(req request) (map[string]any, error) {
	key, err := keyOf(req)
	if err != nil {
		return nil, err
	}
	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(
		req.Token,
		claims,
		func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{req.Alg}),
		jwt.WithAudience(req.Audience),
	)
	return claims, err
}

// The library reads keys of crypto/x509: a secret's bytes, or PEM (SPKI to verify, PKCS #8 to sign).
func keyOf(req request) (any, error) {
	var oct struct{ K string }
	if err := json.Unmarshal(req.JWK, &oct); err != nil {
		return nil, err
	}
	if oct.K != "" {
		return base64.RawURLEncoding.DecodeString(oct.K)
	}
	block, _ := pem.Decode([]byte(req.PEM))
	if block == nil {
		return nil, errors.New("no PEM")
	}
	if req.Op == "sign" {
		return x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}
