// golang-jwt and go-jose behind the line protocol of ../protocol.ts: a JSON request a line in, a JSON answer a line out.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"runtime/debug"
)

type request struct {
	ID       int             `json:"id"`
	Op       string          `json:"op"`
	Library  string          `json:"library"`
	Alg      string          `json:"alg"`
	JWK      json.RawMessage `json:"jwk"`
	PEM      string          `json:"pem"`
	Claims   map[string]any  `json:"claims"`
	Token    string          `json:"token"`
	Audience string          `json:"audience"`
}

type answer struct {
	ID        int               `json:"id"`
	OK        bool              `json:"ok"`
	Token     string            `json:"token,omitempty"`
	Claims    map[string]any    `json:"claims,omitempty"`
	Error     string            `json:"error,omitempty"`
	Libraries map[string]string `json:"libraries,omitempty"`
}

// A library signs claims or verifies a token; its refusal is the error it returns.
type library struct {
	module string
	sign   func(request) (string, error)
	verify func(request) (map[string]any, error)
}

var libraries = map[string]library{
	"golang-jwt": {"github.com/golang-jwt/jwt/v5", golangJwtSign, golangJwtVerify},
	"go-jose":    {"github.com/go-jose/go-jose/v4", goJoseSign, goJoseVerify},
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var req request
		if err := json.Unmarshal(lines.Bytes(), &req); err != nil {
			panic(err)
		}
		if err := out.Encode(reply(req)); err != nil {
			panic(err)
		}
	}
}

func reply(req request) answer {
	if req.Op == "hello" {
		return answer{ID: req.ID, OK: true, Libraries: versions()}
	}
	lib := libraries[req.Library]
	result := answer{ID: req.ID}
	var err error
	if req.Op == "sign" {
		result.Token, err = lib.sign(req)
	} else {
		result.Claims, err = lib.verify(req)
	}
	result.OK = err == nil
	if err != nil {
		result.Error = err.Error()
	}
	return result
}

func versions() map[string]string {
	found := map[string]string{}
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		for name, lib := range libraries {
			if module.Path == lib.module {
				found[name] = module.Version
			}
		}
	}
	return found
}
