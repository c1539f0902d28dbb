// Ory Hydra as its own main package has it: the version is fixed in go.mod and go.sum.
package main

import "github.com/ory/hydra/v2/cmd"

func main() { cmd.Execute() }
