// KrakenD's gateway out of its own parts: its engine, Lura, with its validator of tokens, krakend-jose, joined as KrakenD CE joins
// them. CE's other components stay out: each of them costs something also when it is not configured.
package main

import (
	"context"
	"log"
	"os"

	"github.com/gin-gonic/gin"
	krakendjose "github.com/krakend/krakend-jose/v2"
	ginjose "github.com/krakend/krakend-jose/v2/gin"
	"github.com/luraproject/lura/v2/config"
	"github.com/luraproject/lura/v2/logging"
	"github.com/luraproject/lura/v2/proxy"
	router "github.com/luraproject/lura/v2/router/gin"
	"github.com/luraproject/lura/v2/transport/http/server"
)

func main() {
	service, err := config.NewParser().Parse(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	logger, err := logging.NewLogger("ERROR", os.Stderr, "")
	if err != nil {
		log.Fatal(err)
	}
	krakendjose.SetGlobalCacher(logger, service.ExtraConfig)
	handler := router.CustomErrorEndpointHandler(logger, server.DefaultToHTTPError)
	router.NewFactory(router.Config{
		Engine:         router.NewEngine(service, router.EngineOptions{Logger: logger, Writer: os.Stderr}),
		HandlerFactory: ginjose.HandlerFactory(handler, logger, new(krakendjose.NopRejecterFactory)),
		Middlewares:    []gin.HandlerFunc{},
		ProxyFactory:   proxy.DefaultFactory(logger),
		Logger:         logger,
		RunServer:      server.RunServer,
	}).NewWithContext(context.Background()).Run(service)
}
