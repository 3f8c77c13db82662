package reach

import "context"

func (k *Keeper) runTunnel(ctx context.Context, s Settings) {}
