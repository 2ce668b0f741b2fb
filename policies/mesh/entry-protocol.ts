import { stringIn, type Json } from '../core/json.ts';
import { protocolOfName, type Protocol } from './protocol.ts';

/**
 * The protocol of a ServiceEntry port, case ignored; `unsupported` for a word that Istio refuses. Unlike a port's name
 * the word stands alone. Source: Istio `pkg/config/validation`, `pkg/config/protocol/instance.go`.
 */
export function entryPortProtocol(port: Json): Protocol | 'unsupported' {
  const word = stringIn(port, 'protocol') ?? '';
  if (word === '') {
    return 'sniffed';
  }
  const known = protocolOfName(word);
  const whole = known === 'GRPC-Web' ? word.toLowerCase() === 'grpc-web' : !word.includes('-');
  return known === undefined || !whole ? 'unsupported' : known;
}
