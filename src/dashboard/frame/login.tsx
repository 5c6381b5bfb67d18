import '../style/login.css';
import { useSignal } from '@preact/signals';
import { Failure, loadSession, request } from '../data/request.ts';
import { connect } from '../data/stream.ts';

/** Who are you? Nothing else is told before that. */
export function Login() {
  const problem = useSignal('');
  const busy = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    problem.value = '';
    try {
      await request('/login', { method: 'POST', body: { user: form.get('user'), password: form.get('password') } });
      await loadSession();
      connect();
    } catch (error) {
      problem.value = error instanceof Failure ? error.message : String(error);
    }
    busy.value = false;
  };
  return (
    <main class="login">
      <form onSubmit={(event) => void submit(event)}>
        <svg width="34" height="34" viewBox="0 0 20 20" class="snow" aria-hidden="true">
          <path d="M10 1v18M2.2 5.5l15.6 9M17.8 5.5l-15.6 9M10 4.5 7.8 2.6M10 4.5l2.2-1.9M10 15.5l-2.2 1.9M10 15.5l2.2 1.9" />
        </svg>
        <h1>Monitoring</h1>
        <p class="lead">Sign in to see how everything is.</p>
        <label>
          User
          <input name="user" autocomplete="username" required autofocus />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <p class="problem" role="alert">
          {problem.value}
        </p>
        <button type="submit" class="primary" aria-busy={busy.value} disabled={busy.value}>
          {busy.value ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
