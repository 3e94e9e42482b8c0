package engine_test

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

// TestTheServersOfTheComposeFile: a NATS server reads the configuration that comes with the compose file, and keeps what the README
// promises of it.
func TestTheServersOfTheComposeFile(t *testing.T) {
	t.Setenv("NAME", "nats-2")
	o, err := server.ProcessConfigFile("../../.deploy/nats.conf")
	if err != nil {
		t.Fatal(err)
	}
	if o.ServerName != "nats-2" || !o.JetStream || o.StoreDir != "/data" || !o.SyncAlways || o.MaxPayload != 8<<20 || len(o.Routes) != 3 || o.Cluster.Name == "" {
		t.Errorf("server %q, JetStream %v in %q, synced %v, payload %d, %d routes in cluster %q", o.ServerName, o.JetStream, o.StoreDir, o.SyncAlways, o.MaxPayload, len(o.Routes), o.Cluster.Name)
	}
}
