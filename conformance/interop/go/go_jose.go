package main

import (
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

func goJoseSign(req request) (string, error) {
	var key jose.JSONWebKey
	if err := key.UnmarshalJSON(req.JWK); err != nil {
		return "", err
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(req.Alg), Key: key}, options)
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(req.Claims).Serialize()
}

func goJoseVerify(req request) (map[string]any, error) {
	var key jose.JSONWebKey
	if err := key.UnmarshalJSON(req.JWK); err != nil {
		return nil, err
	}
	token, err := jwt.ParseSigned(req.Token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(req.Alg)})
	if err != nil {
		return nil, err
	}
	claims := map[string]any{}
	err = token.Claims(key, &claims)
	return claims, err
}
